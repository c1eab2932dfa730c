import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WorkflowTaskResult } from '@heurist/core';
import { verifyWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import { listen } from '@heurist/server-kit/listen';
import type { Random } from '@heurist/test-servers/random';

/** A webhook that arrived. */
export interface Arrival {
  /** Whose it should be. */
  owner: string;
  id: string;
  /** What it says, if it is genuine. */
  event?: WebhookEvent;
  /** Why it is not. */
  error?: string;
}

/** An app that receives webhooks and verifies each with the secret of its consumer. */
export interface Receiver {
  urlOf(owner: string): string;
  readonly arrivals: readonly Arrival[];
  stop(): Promise<void>;
}

/** Share of webhooks whose acknowledgement is lost. */
const LOST = 0.1;

/** @param secrets - of each owner */
export async function startReceiver(secrets: ReadonlyMap<string, string>, random: Random): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const owner = `${request.url}`.slice(1);
    arrivals.push(await readWebhook(owner, request.headers, await text(request), secrets.get(owner) ?? ''));
    if (random() < LOST) request.socket.destroy();
    else response.end();
  });
  const url = await listen(server, 0, '127.0.0.1');
  return {
    arrivals,
    urlOf: (owner) => `${url}/${owner}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readWebhook(
  owner: string,
  headers: IncomingHttpHeaders,
  body: string,
  secret: string,
): Promise<Arrival> {
  const id = `${headers['webhook-id']}`;
  try {
    return { owner, id, event: await verifyWebhook({ headers, body }, secret) };
  } catch (error) {
    return { owner, id, error: (error as Error).message };
  }
}

/** A task and whether it asked for a webhook. */
export interface Asked {
  task_id: string;
  asksWebhook: boolean;
  /** What its consumer was told; `undefined` for a task that has not ended. */
  result?: WorkflowTaskResult | undefined;
}

/** What is wrong with the webhooks: each must be genuine and true, with an id of its task alone, and each end be told. */
export function checkWebhooks(tasks: readonly Asked[], arrivals: readonly Arrival[]): string[] {
  const problems = arrivals.flatMap(({ id, error }) => (error ? [`webhook ${id} does not verify: ${error}`] : []));
  const byTask = Map.groupBy(arrivals, ({ event }) => event?.data.task_id ?? '');
  for (const { task_id, asksWebhook, result } of tasks) {
    if (!result) continue;
    const own = byTask.get(task_id) ?? [];
    const problem = (text: string) => problems.push(`task ${task_id}: ${text}`);
    if (asksWebhook && !own.length) problem('its webhook never came');
    if (!asksWebhook && own.length) problem('it got a webhook that nobody asked for');
    if (new Set(own.map(({ id }) => id)).size > 1) problem('its webhook came with several ids');
    for (const { event } of own) if (event && !isTrue(event, result)) problem(`its webhook says ${event.type}`);
  }
  const tasksOf = Map.groupBy(arrivals, ({ id }) => id);
  for (const [id, own] of tasksOf)
    if (new Set(own.flatMap(({ event }) => event?.data.task_id ?? [])).size > 1)
      problems.push(`webhook id ${id} came for several tasks`);
  return [...new Set(problems)];
}

/** URLs are signed anew each time. */
function isTrue({ type, data }: WebhookEvent, result: WorkflowTaskResult): boolean {
  const facts = ({ status, outputs = [], error }: WebhookEvent['data']) =>
    JSON.stringify([status, outputs.map(({ url: _, ...output }) => output), error?.code]);
  return type === `task.${result.status}` && facts(data) === facts(JSON.parse(JSON.stringify(result)));
}
