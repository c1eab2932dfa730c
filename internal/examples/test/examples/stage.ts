import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from '@heurist/release/app';
import { copyExample } from '@heurist/release/example';
import { listPackages, publish } from '@heurist/release/packages';
import { type Registry, startRegistry } from '@heurist/release/registry';
import { freePort } from '@heurist/test-servers/free-port';
import { root } from '../../src/check-examples.ts';

/** Variables that an app reads. */
export type Settings = {
  HEURIST_WORKFLOW_URL: string;
  HEURIST_API_KEY: string;
};

/** What the examples run with. */
export interface Stage {
  /** The local network of `npx @heurist/dev`. */
  settings: Settings;
  comfyuiUrl: string;
  /** Of the one origin whose pages the network answers. */
  pagePort: number;
  /** Copies an example out of the clone, and installs what it needs. */
  install(name: string): Promise<App>;
  /** An empty folder. */
  folder(name: string): App;
  close(): Promise<void>;
}

const node = dirname(process.execPath);

/** Starts a registry with the packages of this repository, and a local network from it. */
export async function startStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const registry: Registry = await startRegistry(folder);
  const packages = listPackages(root);
  const apps: App[] = [];
  const keep = (app: App) => {
    apps.push(app);
    return app;
  };
  const empty = (name: string) => keep(new App(join(folder, name), registry, node));
  await publish(packages, registry);
  const pagePort = await freePort();
  const { url, apiKey, comfyuiUrl } = await startNetwork(empty('network'), pagePort);
  return {
    settings: { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: apiKey },
    comfyuiUrl,
    pagePort,
    folder: empty,
    async install(name) {
      const app = keep(copyExample(root, name, { folder, registry, node }));
      for (const path of ['package.json', ...(name === 'own-workflow' ? ['photo-glow/package.json'] : [])])
        app.write(path, asPublished(app.read(path), packages));
      await app.line('npm install');
      return app;
    },
    async close() {
      for (const app of apps) await app.stop();
      await registry.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A clone has the versions of the last release, and before the first one none: the rehearsal installs the examples as they are. */
function asPublished(manifest: string, packages: readonly { name: string; version: string }[]): string {
  return packages.reduce(
    (text, { name, version }) => text.replace(new RegExp(`("${name}": ")[^"]+`), `$1^${version}`),
    manifest,
  );
}

async function startNetwork(app: App, pagePort: number) {
  const args = ['--json', '--port', '0', '--cors-origin', `http://localhost:${pagePort}`];
  const printed = await app.start('}\n', 'npx', '--yes', '@heurist/dev', ...args);
  return JSON.parse(printed.slice(printed.indexOf('{'))) as { url: string; apiKey: string; comfyuiUrl: string };
}

/** A file that an example has made. */
export const bytesOf = (app: App, path: string) => readFileSync(join(app.folder, path));
