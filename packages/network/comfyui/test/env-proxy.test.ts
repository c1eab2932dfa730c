// HTTP_PROXY holds for sockets too: they go through a tunnel.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '@heurist/server-kit/listen';
import { expect, test } from 'vitest';
import { readPrompts } from './recording.ts';
import { startReplay } from './replay-server.ts';

const [success] = readPrompts('01_success').filter(({ history }) => history);
if (!success) throw new Error('The recordings have no success.');

test('a graph runs through it, and its socket reports', async () => {
  await using server = await startReplay(success!);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', ({ url }, socket) => {
    asked.push(`${url}`);
    const through = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [through, socket]) end.on('error', () => {});
  });
  const proxyUrl = await listen(proxy, 0, '127.0.0.1');
  const src = (path: string) => JSON.stringify(join(import.meta.dirname, path));
  const code = `
    const { useEnvProxy } = await import(${src('../../../server-kit/src/env-proxy.ts')});
    useEnvProxy({ HTTP_PROXY: ${JSON.stringify(proxyUrl)} });
    const { ComfyClient } = await import(${src('../src/index.ts')});
    let seen = 0;
    const client = new ComfyClient({ url: 'http://me:hush@comfy.invalid:8188' });
    const { outputs } = await client.run(${JSON.stringify(success!.graph)}, { onProgress: () => seen++ });
    console.log(outputs.length > 0, seen > 1);
    process.exit();`;
  const args = ['--conditions=@heurist/source', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..') });
  expect(stdout.trim()).toBe('true true');
  expect(new Set(asked)).toEqual(new Set(['comfy.invalid:8188']));
  proxy.closeAllConnections();
  proxy.close();
});
