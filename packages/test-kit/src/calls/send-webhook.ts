import { createHmac, randomUUID } from 'node:crypto';
import type { TestClock } from '../clock.ts';
import type { TestTask } from '../tasks/test-task.ts';
import { WEBHOOK_SECRET } from './services.ts';

/** Reports the end of a task once, signed. Addresses of this machine are called too, since tests listen there. */
export async function sendWebhook(task: TestTask, clock: TestClock): Promise<void> {
  while (!task.isOver) await task.changed(new AbortController().signal);
  const { status, submitted, state } = task;
  const timestamp = new Date(clock.now()).toISOString();
  const body = JSON.stringify({ type: `task.${status}`, timestamp, data: state });
  const id = `msg_${randomUUID()}`;
  const seconds = `${Math.floor(clock.now() / 1000)}`;
  const key = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
  // a receiver that is not there is the test's own affair
  await fetch(submitted.webhook_url!, { method: 'POST', headers, body }).catch(() => {});
}
