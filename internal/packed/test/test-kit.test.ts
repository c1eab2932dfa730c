// The packed test kit under node:test, as an ES module and as CommonJS.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'test-kit-'));
const tarballs = ['core', 'test-kit'].map((name) => join(root, 'packages', name, '.pack/package.tgz'));

const body = `
class EchoTask extends WorkflowTask {
  get task_type() { return 'echo'; }
  get task_details() { return { parameters: {} }; }
}
test('an app is told why a task failed', async () => {
  const sequencer = await createTestSequencer();
  sequencer.on(EchoTask).failWith('input_unreachable');
  await rejects(new Heurist(sequencer.options).workflow.run(new EchoTask()), { code: 'input_unreachable' });
  await sequencer.close();
});
`;
const imports = [
  ['{ Heurist, WorkflowTask }', '@heurist/core'],
  ['{ createTestSequencer }', '@heurist/test-kit'],
  ['{ rejects }', 'node:assert/strict'],
  ['{ test }', 'node:test'],
];
const programs = {
  'app.test.mjs': imports.map(([names, from]) => `import ${names} from '${from}';`).join('\n') + body,
  'app.test.cjs': imports.map(([names, from]) => `const ${names} = require('${from}');`).join('\n') + body,
};

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'an-app', private: true }));
  for (const [name, program] of Object.entries(programs)) writeFileSync(join(folder, name), program);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', ['install', ...flags, ...tarballs], { cwd: folder });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.keys(programs))('%s passes', async (name) => {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', name], { cwd: folder, env });
  expect(stdout).toContain('# pass 1');
  expect(stdout).toContain('# fail 0');
});
