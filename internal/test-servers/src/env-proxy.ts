// A proxy as `HTTP_PROXY` names it, and programs that use it.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { listen } from '@heurist/server-kit/listen';

/** A proxy that answers by itself, and programs behind it. */
export interface EnvProxy {
  readonly url: string;
  /** What it was asked for, in order: the address of a request, or host and port of a tunnel, which it refuses. */
  readonly asked: string[];
  /**
   * Runs an ES module in a process of its own that uses the proxy (`NODE_USE_ENV_PROXY`).
   *
   * @param folder - the package whose dependencies it sees
   * @returns what it prints
   */
  run(code: string, folder: string): Promise<string>;
  close(): Promise<void>;
}

/** @param body - what it answers */
export async function startEnvProxy(body: Uint8Array | string = ''): Promise<EnvProxy> {
  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(`${url}`);
    response.end(body);
  });
  server.on('connect', ({ url }, socket) => {
    asked.push(`${url}`);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  const url = await listen(server, 0, '127.0.0.1');
  const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, http_proxy: url, NO_PROXY: '', no_proxy: '' };
  return {
    url,
    asked,
    async run(code, folder) {
      const args = ['--conditions=@heurist/source', '--input-type=module', '--eval', code];
      const options = { env: { ...process.env, ...proxy }, cwd: folder };
      return (await promisify(execFile)(process.execPath, args, options)).stdout.trim();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
