import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { workflows } from '@heurist/cli';
import { startLocalNetwork } from '@heurist/dev';
import { run } from '@heurist/release/run';
import { root, type Stage, Unavailable } from './cell.ts';
import { freePort } from './processes.ts';

const programs = resolve(import.meta.dirname, '../programs');
const examples = join(root, 'packages/server/examples');

const PACKAGES = ['core', 'heurist', 'server', 'test-kit'];
const FLAGS = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];

/** Packs are made by `turbo run pkgcheck`, as `npm test` does. */
function tarballs(): string[] {
  const families = readdirSync(join(root, 'packages/workflows'));
  const names = [...PACKAGES, ...families.map((name) => `workflows/${name}`)];
  const paths = names.map((name) => join(root, 'packages', name, '.pack/package.tgz'));
  for (const path of paths)
    if (!existsSync(path)) throw new Error(`${path} is missing: run "turbo run pkgcheck" first, as "npm test" does.`);
  return paths;
}

/** Installs the packed packages, and starts a network. */
export async function openStage(): Promise<Stage> {
  const ours = tarballs();
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  const app = await createFolder(join(folder, 'app'), ours);
  const pagePort = await freePort();
  const network = await startLocalNetwork({ workflows, corsOrigins: [`http://127.0.0.1:${pagePort}`] });
  const installed = new Map<string, Promise<string>>();
  return {
    app,
    network,
    pagePort,
    install(specs, { withOurs = false } = {}) {
      const name = `${specs.join('-').replaceAll(/[^\w.-]/g, '_')}${withOurs ? '-app' : ''}`.slice(0, 100);
      const known = installed.get(name);
      if (known) return known;
      const started = createFolder(join(folder, name), withOurs ? [...ours, ...specs] : specs).catch((error) => {
        throw new Unavailable(`${specs.join(', ')} cannot be installed here: ${firstLine(error)}`);
      });
      installed.set(name, started);
      return started;
    },
    async close() {
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createFolder(path: string, specs: readonly string[]): Promise<string> {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'an-app', private: true, type: 'module' }));
  copyPrograms(path);
  await run('npm', ['install', ...FLAGS, ...specs], { cwd: path });
  return path;
}

/** As if the app's developer had written them. */
function copyPrograms(folder: string): void {
  for (const from of [programs, examples])
    for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const to = join(folder, name);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, readFileSync(join(from, name)));
    }
}

/** What npm says first of what it failed with. */
function firstLine(error: unknown): string {
  const lines = (error as Error).message.split('\n');
  return (lines.find((line) => /^npm (error|ERR!) (?!code)/.test(line)) ?? lines[0] ?? '').slice(0, 200);
}
