// What it promises whoever imports it: it is ready at once, and works under other test runners.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const source = '--conditions=@heurist/source';

/** Prints what was loaded until the sequencer was ready, and how long that took after the import. */
const program = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const { createTestSequencer } = await import('./src/index.ts');
const start = performance.now();
const sequencer = await createTestSequencer();
const ms = performance.now() - start;
await sequencer.close();
console.log(JSON.stringify({ loaded, ms }));
`;

async function start(): Promise<{ loaded: string[]; ms: number }> {
  const { stdout } = await run(process.execPath, [source, '--input-type=module', '-e', program], { cwd: root });
  return JSON.parse(stdout);
}

test('is ready within 50 ms of its import, without core, ky and zod', async () => {
  const starts = [await start(), await start(), await start()];
  const foreign = starts[0]!.loaded.filter((url) => !/^node:|\/(test-kit|server-kit)\/src\//.test(url));
  expect(foreign).toEqual([]);
  // the best of three, since the machine may be busy
  expect(Math.min(...starts.map(({ ms }) => ms))).toBeLessThan(50);
});

test('works under node:test', async () => {
  const { stdout } = await run(
    process.execPath,
    [source, '--test', '--test-reporter=tap', 'examples/app.node-test.ts'],
    {
      cwd: root,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    },
  );
  expect(stdout).toContain('# pass 3');
  expect(stdout).toContain('# fail 0');
});
