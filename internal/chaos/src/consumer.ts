import { randomUUID } from 'node:crypto';
import { Heurist, type WorkflowTaskResult } from '@heurist/core';
import { sleep } from '@heurist/server-kit/sleep';
import { pick, type Random } from '@heurist/test-servers/random';

/** An app that submits tasks. */
export interface Consumer {
  owner: string;
  key: string;
  webhookUrl: string;
}

/** What a consumer was told of one of its tasks. */
export interface Seen {
  owner: string;
  job_id: string;
  color: number;
  asksWebhook: boolean;
  /** Every task id that was returned for this job. */
  task_ids: Set<string>;
  /** Missing if the task did not end in time. */
  result?: WorkflowTaskResult | undefined;
  /** From the submit to the end. */
  milliseconds?: number;
  /** What the consumer was told in place of a result. */
  error?: string;
}

/** Share of submits that are sent twice at the same time, to different replicas. */
const TWICE = 0.1;
const WEBHOOKS = 0.5;
const ATTEMPT_MS = 10_000;

/**
 * Submits a task as an app on a bad network does, until it is acknowledged and always with the same `job_id`, and waits
 * for it until the signal fires. Resolves in any case.
 */
export async function runTask(
  urls: readonly string[],
  consumer: Consumer,
  color: number,
  random: Random,
  signal: AbortSignal,
): Promise<Seen> {
  const { owner, key, webhookUrl } = consumer;
  const asksWebhook = random() < WEBHOOKS;
  const seen: Seen = { owner, job_id: randomUUID(), color, asksWebhook, task_ids: new Set() };
  const details = { task_type: 'paint', task_details: { parameters: { color } }, job_id: seen.job_id };
  const body = JSON.stringify({ ...details, ...(asksWebhook && { webhook_url: webhookUrl }) });
  const start = performance.now();
  const firsts = random() < TWICE ? urls : [pick(random, urls)];
  try {
    const task_ids = await Promise.all(firsts.map((first) => submit({ urls, first, key, body, random, signal })));
    seen.task_ids = new Set(task_ids);
    seen.result = await follow(pick(random, urls), key, task_ids[0]!, signal);
    seen.milliseconds = performance.now() - start;
  } catch (error) {
    seen.error = (error as Error).message;
  }
  return seen;
}

interface Submit {
  urls: readonly string[];
  /** The replica that is tried first. */
  first: string;
  key: string;
  body: string;
  random: Random;
  signal: AbortSignal;
}

async function submit({ urls, first, key, body, random, signal }: Submit): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  for (let url = first; ; url = pick(random, urls)) {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
      const response = await fetch(`${url}/task_create`, { method: 'POST', headers, body, signal: limit });
      const reply = (await response.json()) as { task_id?: string; code?: string };
      if (reply.task_id) return reply.task_id;
      if (reply.code && response.status < 500) throw new Refused(`${response.status} ${JSON.stringify(reply)}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    signal.throwIfAborted();
    await sleep(200 + 500 * random(), signal);
  }
}

/** A response that no network fault explains. */
class Refused extends Error {}

/** Waits with the SDK, and again when the SDK gives up on the network, as a retry button does. */
async function follow(
  workflowURL: string,
  apiKey: string,
  task_id: string,
  signal: AbortSignal,
): Promise<WorkflowTaskResult> {
  const heurist = new Heurist({ apiKey, workflowURL });
  for (;;) {
    try {
      return await heurist.workflow.task(task_id).wait({ signal });
    } catch (error) {
      if (signal.aborted || !(error as { isRetryable?: boolean }).isRetryable) throw error;
      await sleep(1000, signal);
    }
  }
}
