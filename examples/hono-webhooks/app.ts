// Submits tasks and goes on with other things: a webhook says when a picture is finished.
import { type Heurist, HeuristError } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { verifyWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import { Text2ImageTask } from '@heurist/text2image';
import { Hono } from 'hono';

export interface AppOptions {
  heurist: Heurist;
  /** Of `heurist.workflow.webhookSecret()`. */
  secret: string;
  /** Where the network reaches this server, such as `https://app.example.com`. */
  publicUrl: string;
  /** Where pictures are saved. */
  folder: string;
}

export function createApp({ heurist, secret, publicUrl, folder }: AppOptions): Hono {
  const app = new Hono();
  /** Ids of webhooks that were handled. With more than one process, keep them in your database. */
  const handled = new Set<string>();

  app.post('/draw', async (c) => {
    const { prompt } = await c.req.json().catch(() => ({}));
    if (typeof prompt !== 'string') return c.json({ error: 'Send JSON such as {"prompt":"a red apple"}.' }, 400);
    const options = { webhook_url: `${publicUrl}/hooks/heurist`, timeout: 10_000 };
    const task_id = await heurist.workflow.executeWorkflow(new Text2ImageTask({ prompt }), options);
    return c.json({ task_id }, 202);
  });

  app.post('/hooks/heurist', async (c) => {
    const { headers } = c.req.raw;
    const event = await verifyWebhook({ headers, body: await c.req.text() }, secret);
    const id = c.req.header('webhook-id') ?? '';
    // the network sends it again if the first answer was lost
    if (handled.has(id)) return c.body(null, 204);
    console.log(await handle(event, folder));
    handled.add(id);
    return c.body(null, 204);
  });

  app.onError((error, c) => {
    if (!HeuristError.isInstance(error)) throw error;
    console.error(error.message);
    return c.json({ error: error.message }, statusOf(error));
  });
  return app;
}

/** Returns what happened, as a line for the log. */
async function handle({ data }: WebhookEvent, folder: string): Promise<string> {
  const { task_id, status, outputs = [], error } = data;
  const [picture] = outputs;
  if (!picture) return `Task ${task_id} ${status}: ${error?.message ?? 'there is no picture.'}`;
  return `Saved ${await saveOutput(picture, `${folder}/${task_id}.png`, { timeout: 30_000 })}`;
}

/** 400 for what the caller must change; anything else is between this server and its network. */
const statusOf = ({ code }: HeuristError) =>
  code === 'invalid_signature' || code === 'invalid_parameters' ? 400 : 502;
