import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient } from '@heurist/comfyui';
import sharp from 'sharp';
import { createEngine, type EngineOptions } from '../src/index.ts';

/** A graph in API format. */
export type TestGraph = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

/** Starts an engine in a folder of its own, with a client. */
export async function startEngine(options: Partial<EngineOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'engine-'));
  const engine = await createEngine({ dataDir, ...options });
  const client = new ComfyClient({ url: engine.url, pollInterval: 200 });
  return {
    engine,
    client,
    dataDir,
    /** Runs a graph and decodes its pictures. */
    async pictures(graph: TestGraph) {
      const { outputs } = await client.run(graph);
      return await Promise.all(
        outputs.map(async (output) => {
          if (output.kind === 'text') throw new Error('no picture');
          const bytes = Buffer.from(await (await client.view(output)).arrayBuffer());
          const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
          return { data, width: info.width, height: info.height, channels: info.channels, filename: output.filename };
        }),
      );
    },
    async upload(bytes: Uint8Array, filename: string) {
      return await client.upload({ bytes: new Blob([new Uint8Array(bytes)]), filename });
    },
    async stop() {
      await engine.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Opens a socket and keeps everything that it says. */
export async function openSocket(url: string, clientId: string, flags?: object) {
  const messages: { type: string; data: Record<string, unknown> }[] = [];
  const binary: ArrayBuffer[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) binary.push(data);
    else messages.push(JSON.parse(String(data)));
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  if (flags) socket.send(JSON.stringify({ type: 'feature_flags', data: flags }));
  const ended = async (prompt_id: string) => {
    const isEnd = ({ type, data }: (typeof messages)[number]) =>
      type === 'executing' && data.node === null && data.prompt_id === prompt_id;
    for (let wait = 0; !messages.some(isEnd) && wait < 3000; wait++)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { messages, binary, ended, close: () => socket.close() };
}

/** Queues a prompt as it is. */
export async function post(url: string, body: unknown, path = '/prompt') {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return { status: response.status, json: (text.startsWith('{') ? JSON.parse(text) : undefined) as any };
}
