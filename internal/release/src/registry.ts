import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { run } from './run.ts';

/** A registry that was started. */
export interface Registry {
  /** Such as `http://127.0.0.1:4873/`. */
  url: string;
  /** Content of the `.npmrc` of a folder that uses it. */
  npmrc: string;
  /** A cache for npm: the user's own may have other packages with the same versions. */
  cache: string;
  stop(): Promise<void>;
}

const OURS = { access: '$all', publish: '$all', unpublish: '$all' };

/**
 * Starts a registry on this machine. Our packages are only what is published here; all others come from the registry that
 * npm uses on this machine.
 *
 * @param folder - where it keeps its files
 */
export async function startRegistry(folder: string): Promise<Registry> {
  const uplink = (await run('npm', ['config', 'get', 'registry'], { cwd: folder })).trim();
  const app = await runServer({
    self_path: folder,
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: { host: { url: uplink } },
    packages: { '@heurist/*': OURS, heurist: OURS, '**': { access: '$all', proxy: 'host' } },
    // weights are large
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'json', level: 'fatal' },
    web: { enable: false },
  } as never);
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    // npm sends nothing without a token; anybody may publish here
    npmrc: `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=anybody\naudit=false\nfund=false\nupdate-notifier=false\n`,
    cache: join(folder, 'cache'),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
