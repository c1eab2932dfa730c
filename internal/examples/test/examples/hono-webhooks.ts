import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Heurist } from '@heurist/core';
import { signWebhook } from '@heurist/core/webhooks';
import type { App } from '@heurist/release/app';
import { freePort } from '@heurist/test-servers/free-port';
import sharp from 'sharp';
import { expect } from 'vitest';
import { expectSentences, runTo } from './program.ts';
import { bytesOf, type Stage } from './stage.ts';

/** A webhook as it came. */
interface Recorded {
  headers: Record<string, string>;
  body: string;
}

export async function tryHonoWebhooks(stage: Stage): Promise<void> {
  const app = await stage.install('hono-webhooks');
  await app.line('npm run typecheck');
  const { code, stdout } = await runTo(app, 'npm test -- --test-reporter=tap');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/# pass 4\n# fail 0/) });
  const port = await freePort();
  await using hooks = await recordHooks(`http://127.0.0.1:${port}`);
  app.set({ ...stage.settings, PORT: `${port}`, PUBLIC_URL: hooks.url });
  await useServer(app, `http://127.0.0.1:${port}`, hooks.next, stage);
  await expectSentences(app, 'node main.ts', stage);
}

async function useServer(app: App, url: string, next: Promise<Recorded>, stage: Stage): Promise<void> {
  const server = app.spawn('node', 'main.ts');
  let printed = '';
  server.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await expect.poll(() => printed, { timeout: 30_000 }).toContain('Listening');
  const draw = (body: string) => fetch(`${url}/draw`, { method: 'POST', body });
  const { task_id } = await (await draw('{"prompt":"a green apple"}')).json();
  const recorded = await next;
  await expect.poll(() => printed, { timeout: 30_000 }).toContain(`Saved out/${task_id}.png\n`);
  expect(await sharp(bytesOf(app, `out/${task_id}.png`)).metadata()).toMatchObject({ format: 'png', width: 128 });
  const send = async ({ headers, body }: Recorded) =>
    (await fetch(`${url}/hooks/heurist`, { method: 'POST', headers, body })).status;
  // sent again by the network, and by somebody who has read it
  expect(await send(recorded)).toBe(204);
  expect(await send({ ...recorded, headers: { ...recorded.headers, 'webhook-id': 'msg_another' } })).toBe(400);
  expect(await send({ ...recorded, body: recorded.body.replace('finished', 'failed') })).toBe(400);
  expect(await send(await canceled(stage))).toBe(204);
  expect(printed.trim().split('\n').slice(1)).toEqual([
    `Saved out/${task_id}.png`,
    'Task task-7 canceled: there is no picture.',
  ]);
  const refused = await draw('{}');
  expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringMatching(/^Send JSON/) }]);
  const empty = await draw('{"prompt":""}');
  expect([empty.status, await empty.json()]).toEqual([400, { error: expect.stringContaining('`prompt`') }]);
  server.kill();
  await once(server, 'exit');
}

/** What the network says of a task that was canceled. */
async function canceled({ settings }: Stage): Promise<Recorded> {
  const heurist = new Heurist({ workflowURL: settings.HEURIST_WORKFLOW_URL, apiKey: settings.HEURIST_API_KEY });
  const timestamp = Math.floor(Date.now() / 1000);
  const data = { task_id: 'task-7', status: 'canceled' };
  const body = JSON.stringify({ type: 'task.canceled', timestamp: new Date().toISOString(), data });
  const signature = await signWebhook('msg_7', timestamp, body, await heurist.workflow.webhookSecret());
  const headers = { 'webhook-id': 'msg_7', 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature };
  return { headers, body };
}

/** The public address of the example: keeps the first webhook, and passes it on. */
async function recordHooks(target: string) {
  const { promise: next, resolve } = Promise.withResolvers<Recorded>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const recorded = { headers: signed(request.headers), body };
    const { status } = await fetch(target + request.url, { method: 'POST', ...recorded });
    response.writeHead(status).end();
    resolve(recorded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    next,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const signed = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('webhook-'))) as Record<string, string>;
