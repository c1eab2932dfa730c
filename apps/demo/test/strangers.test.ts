// What miners and other consumers deliver is shown under the name of this server.
import { createServer } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoServer, startServer } from '../server/start-server.ts';

/** A network whose files have the type that their name says, all of them outputs of one task. */
const network = createServer((request, response) => {
  const type = decodeURIComponent(request.url?.split('/artifacts/')[1] ?? '');
  if (type) return void response.writeHead(200, { 'content-type': type }).end('<script>alert(1)</script>');
  const outputs = types.map((name) => ({
    url: `${networkUrl}/artifacts/${encodeURIComponent(name)}`,
    filename: 'a"b',
  }));
  response.end(JSON.stringify({ task_id: 'a', status: 'finished', outputs }));
});
const types = ['image/png', 'video/mp4', 'audio/flac', 'text/html', 'image/svg+xml', 'application/pdf', 'text/plain'];
const shown = types.slice(0, 3);

let server: DemoServer;
let networkUrl: string;
beforeAll(async () => {
  networkUrl = await listen(network, 0, '127.0.0.1');
  server = await startServer({ workflowURL: networkUrl, apiKey: 'a#b', webDir: '.' });
});
afterAll(async () => {
  await server.close();
  network.closeAllConnections();
  network.close();
});

test.each(types)('%s is shown only if it is a picture, film or sound', async (type) => {
  const disposition = shown.includes(type) ? 'inline' : 'attachment';
  const output = await fetch(`${server.url}/api/tasks/aaaaaaaa/outputs/${types.indexOf(type)}`);
  expect(output.headers.get('content-disposition')).toBe(`${disposition}; filename="a_b"`);
  const url = `${networkUrl}/artifacts/${encodeURIComponent(type)}`;
  const file = await fetch(`${server.url}/api/files?url=${encodeURIComponent(url)}`);
  expect(file.headers.get('content-disposition')).toBe(disposition);
});
