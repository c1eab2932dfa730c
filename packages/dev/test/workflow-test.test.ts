// `heurist workflow create`, then `heurist workflow test`, on networks of this machine.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalNetwork, startLocalNetwork } from '../src/index.ts';
import { runCli } from './run-cli.ts';

/** Below this package, whose node_modules a created package needs. */
const out = join(import.meta.dirname, '../out');
mkdirSync(out, { recursive: true });
const cwd = mkdtempSync(join(out, 'workflow-test-'));
let network: LocalNetwork;

const poster = {
  '3': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '7': {
    class_type: 'ImageScale',
    inputs: { image: ['3', 0], upscale_method: 'lanczos', width: 96, height: 64, crop: 'center' },
  },
  '10': { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'poster' } },
};

beforeAll(async () => {
  writeFileSync(join(cwd, 'poster.json'), JSON.stringify(poster));
  const { code } = await runCli(['workflow', 'create', 'poster.json', '--name', 'poster'], { cwd });
  expect(code).toBe(0);
  const { definitions } = await import(join(cwd, 'poster/src/definition.ts'));
  network = await startLocalNetwork({ workflows: definitions, dataDir: await prepareDataFolder(join(cwd, 'data')) });
  const black = sharp({ create: { width: 8, height: 8, channels: 3, background: '#000' } });
  writeFileSync(join(cwd, 'poster/test-inputs/black.png'), await black.png().toBuffer());
});
afterAll(async () => {
  await network?.close();
  rmSync(cwd, { recursive: true, force: true });
});

function writeTests(name: string, ...tests: object[]) {
  const path = join(cwd, 'poster', name);
  writeFileSync(path, JSON.stringify({ tests }));
  return `poster/${name}`;
}
const picture = { image: 'test-inputs/picture.png' };
const run = (args: string[], env: Record<string, string> = {}) => runCli(['workflow', 'test', ...args], { cwd, env });
/** On a network that is there, which takes less time than to start one. */
const runThere = (args: string[]) => run([...args, '--url', network.url], { HEURIST_API_KEY: network.apiKey });

test('what `workflow create` leaves passes on a local network', async () => {
  const { code, stdout, stderr } = await run(['poster']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^ok {3}makes an image \(1 png 96x64; [\d.]+ s\)\nThe test passed\.\n$/);
  expect(existsSync(join(cwd, 'test-results'))).toBe(false);
});

test('misses: what was expected and what came, the outputs, JUnit and exit code 1', async () => {
  const file = writeTests(
    'failing.json',
    { name: 'is as expected', parameters: { ...picture, width: 80 }, expect: { width: 80, kind: 'png' } },
    { name: 'is <black>!', parameters: { image: 'test-inputs/black.png' }, expect: { count: 2, not_blank: true } },
    { name: 'takes any width', parameters: { ...picture, width: -1 }, expect: { width: 1 } },
    { name: 'reads no picture', parameters: { image: 'poster.json' }, expect: { count: 1 } },
  );
  const { code, stdout, stderr } = await runThere([file, '--junit', 'reports/junit.xml', '--output', 'failed']);
  expect([code, stderr]).toEqual([1, 'error: 3 of 4 tests failed.\n']);
  const lines = stdout.replaceAll(/; [\d.]+ s\)/g, ')').split('\n');
  expect(lines.slice(0, 5)).toEqual([
    'ok   is as expected (1 png 80x64)',
    'FAIL is <black>! (1 png 96x64)',
    '     count: expected 2, got 1',
    '     not_blank: expected a picture that shows something, got black',
    '     saved failed/2-is-black-1.png',
  ]);
  expect(lines[6]).toMatch(/^ {5}task: expected finished, got .*`width` must be/);
  expect(lines[8]).toMatch(/^ {5}task: expected finished, got .*poster\.json/);
  expect(readdirSync(join(cwd, 'failed'))).toEqual(['2-is-black-1.png']);
  const xml = readFileSync(join(cwd, 'reports/junit.xml'), 'utf8');
  expect(xml).toContain('<testsuite name="poster" tests="4" failures="3"');
  expect(xml).toContain('name="is &lt;black&gt;!"');
});

test('a stored picture: --update writes it, then another run is compared with it', async () => {
  const like = { like: { file: 'expected/poster.png', tolerance: 1 } };
  const file = writeTests('like.json', { name: 'looks the same', parameters: picture, expect: like });
  const missing = await runThere([file]);
  expect([missing.code, missing.stdout]).toEqual([1, expect.stringContaining('store this one with --update')]);
  const stored = await runThere([file, '--update']);
  expect([stored.code, stored.stdout]).toEqual([0, expect.stringContaining('saved poster/expected/poster.png')]);
  expect((await runThere([file])).code).toBe(0);
  const other = sharp(join(cwd, 'poster/expected/poster.png')).negate();
  const negative = await other.toBuffer();
  writeFileSync(join(cwd, 'poster/expected/poster.png'), negative);
  const { code, stdout } = await runThere([file]);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/like: expected a mean difference .* at most 1, got \d+/)]);
});

test('a network needs a key', async () => {
  const keyless = await run(['poster', '--url', network.url]);
  expect([keyless.code, keyless.stderr]).toEqual([1, expect.stringMatching(/HEURIST_API_KEY does not hold a key/)]);
});

test.each<[string, () => string[], RegExp, number]>([
  [
    'a wrong field',
    () => [writeTests('bad.json', { name: 'a', expect: { widht: 1 } })],
    /bad\.json: tests\[0\]\.expect has no field "widht"/,
    2,
  ],
  [
    'another workflow',
    () => [writeTests('id.json', { name: 'a', workflow_id: 'x', expect: { count: 1 } })],
    /tests\[0\]\.workflow_id "x" is not known\. Use one of: poster/,
    2,
  ],
  ['no file', () => ['absent'], /absent: does not exist\. Pass the folder of a package/, 2],
  ['a folder without tests', () => ['poster/src'], /workflow-tests\.json: does not exist/, 2],
])('%s: exit code and what to do', async (_, args, message, code) => {
  const ended = await run(args());
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
});
