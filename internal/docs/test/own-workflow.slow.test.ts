// docs/your-own-workflow.md, step by step: the commands in a package that it makes, and the programs of its app.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHeurist } from '@heurist/cli';
import { startLocalNetwork } from '@heurist/dev';
import { runHere, startScript } from '@heurist/test-servers/commands';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsOf, heuristArguments } from '../src/commands.ts';
import { createOwnWorkflow, OWN_WORKFLOW, type OwnWorkflow } from '../src/own-workflow.ts';
import { readPage, root } from '../src/pages.ts';
import { programsOf } from '../src/programs.ts';

const page = readPage(OWN_WORKFLOW, readFileSync(join(root, OWN_WORKFLOW), 'utf8'));
const blocks = (language: string) => page.fences.filter((fence) => fence.language === language);
/** Commands of the page that begin so. */
const commands = (...words: string[]) =>
  blocks('sh')
    .flatMap(({ code }) => commandsOf(code))
    .map((command) => heuristArguments(command) ?? [])
    .filter((args) => words.every((word, index) => args[index] === word));

let own: OwnWorkflow;
let folder: string;
beforeAll(async () => {
  own = await createOwnWorkflow();
  folder = join(own.folder, 'soft-glow');
}, 60_000);
afterAll(() => own.remove());

test('the package passes its own test', () => {
  const args = ['--conditions=@heurist/source', '--test', 'src/soft-glow.test.ts'];
  expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })).toMatch(/fail 0/);
}, 60_000);

test('its tests: the picture is stored, then compared', async () => {
  writeFileSync(join(folder, 'workflow-tests.json'), blocks('json')[0]!.code);
  const tests = commands('workflow', 'test');
  expect(tests).toEqual([
    ['workflow', 'test', '--update'],
    ['workflow', 'test', '--junit', 'reports/junit.xml'],
  ]);
  for (const args of tests) {
    const { code, stdout, stderr } = await runHere(() => runHeurist(args, { startLocalNetwork }), { cwd: folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ok {3}makes a card \(1 png 640x480; /);
  }
  expect(existsSync(join(folder, 'expected/card.png'))).toBe(true);
  expect(readFileSync(join(folder, 'reports/junit.xml'), 'utf8')).toContain('tests="1" failures="0"');
}, 60_000);

test('the app: its page makes a card by way of its own server', async () => {
  const [route, makeCard] = programsOf(page);
  const { definitions } = await import(join(folder, 'src/definition.ts'));
  const network = await startLocalNetwork({ workflows: definitions });
  const app = join(own.folder, 'app');
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  // internal/packed builds such a package; here its source is as good
  const manifest = join(folder, 'package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replaceAll(/dist\/(\w+)\.js/g, 'src/$1.ts'));
  symlinkSync(folder, join(app, 'node_modules/soft-glow'));
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(app, 'route.ts'), route!.code);
  writeFileSync(join(app, 'make-card.ts'), makeCard!.code);
  writeFileSync(
    join(app, 'main.ts'),
    `import { createServer } from 'node:http';
     import { openAsBlob } from 'node:fs';
     import { toNodeHandler } from '@heurist/server/node';
     import { POST } from './route.ts';
     import { makeCard } from './make-card.ts';
     const server = createServer(toNodeHandler(POST)).listen(0, '127.0.0.1', async () => {
       const photo = await openAsBlob(${JSON.stringify(join(folder, 'test-inputs/picture.png'))}, { type: 'image/png' });
       const card = await fetch(await makeCard(photo, \`http://127.0.0.1:\${server.address().port}\`));
       console.log(card.status, card.headers.get('content-type'));
       server.close();
     });`,
  );
  const env = { HEURIST_WORKFLOW_URL: network.url, HEURIST_API_KEY: network.apiKey };
  const { code, stdout, stderr } = await startScript(join(app, 'main.ts'), [], { cwd: app, env }).ended;
  await network.close();
  expect([code, stderr, stdout]).toEqual([0, '', '200 image/png\n']);
}, 60_000);
