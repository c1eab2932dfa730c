import { Heurist, HeuristError } from '@heurist/core';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';

const port = Number(process.env.PORT ?? 3000);
const publicUrl = process.env.PUBLIC_URL ?? `http://127.0.0.1:${port}`;
const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL

try {
  // it does not change; a wrong key, or a network that is away, shows here
  const secret = await heurist.workflow.webhookSecret({ timeout: 10_000 });
  const app = createApp({ heurist, secret, publicUrl, folder: 'out' });
  serve({ fetch: app.fetch, port }, () => console.log(`Listening at ${publicUrl}`));
} catch (error) {
  if (!HeuristError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
