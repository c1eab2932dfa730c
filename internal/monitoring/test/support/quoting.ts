// What the tests of prompts in the output have in common: an app with pictures, and a ComfyUI whose nodes quote what they were told.
import { createServer } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import type { FaultProxy } from '@heurist/test-servers/fault-proxy';

export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A server of an app: a picture at every address, but for those that it refuses. */
export async function startApp(refuses: (url: string, method: string) => boolean) {
  const server = createServer((request, response) => {
    request.resume();
    const { url = '', method = '' } = request;
    if (refuses(url, method)) response.writeHead(404).end();
    else response.end(PICTURE);
  });
  return { url: await listen(server, 0, '127.0.0.1'), stop: () => server.close() };
}

/** From now on each prompt fails in a node, with these words. */
export function failWith(
  { faults }: FaultProxy,
  node: { node_id: string; node_type: string },
  exception_type: string,
  exception_message: string,
): void {
  faults.answer = async (call) => {
    const reply = await call.pass();
    const [, route, id = ''] = call.path.split('/');
    if (route !== 'history' || !reply || reply.body.toString() === '{}') return reply;
    const failure = { ...node, exception_type, exception_message };
    const status = { status_str: 'error', completed: false, messages: [['execution_error', failure]] };
    return { status: 200, body: JSON.stringify({ [id]: { outputs: {}, status } }) };
  };
}
