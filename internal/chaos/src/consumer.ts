import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Heurist, type WorkflowTaskResult } from '@heurist/core';
import { pick, type Random } from '@heurist/test-servers/random';

/** What a consumer was told of one of its tasks. */
export interface Seen {
  job_id: string;
  color: number;
  /** Every task id that was returned for this job. */
  task_ids: Set<string>;
  result: WorkflowTaskResult;
}

/** Share of submits that are sent twice at the same time, to different replicas. */
const TWICE = 0.1;
const ATTEMPT_MS = 10_000;

/** Submits a task as an app on a bad network does: until it is acknowledged, always with the same `job_id`. */
export async function runTask(urls: readonly string[], key: string, color: number, random: Random): Promise<Seen> {
  const job_id = randomUUID();
  const body = JSON.stringify({ task_type: 'paint', task_details: { parameters: { color } }, job_id });
  const twice = random() < TWICE ? urls : [pick(random, urls)];
  const task_ids = new Set(await Promise.all(twice.map((url) => submit(url, key, body, random, urls))));
  const [task_id = ''] = task_ids;
  return { job_id, color, task_ids, result: await follow(pick(random, urls), key, task_id) };
}

async function submit(
  first: string,
  key: string,
  body: string,
  random: Random,
  urls: readonly string[],
): Promise<string> {
  for (let url = first; ; url = pick(random, urls)) {
    try {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const signal = AbortSignal.timeout(ATTEMPT_MS);
      const response = await fetch(`${url}/task_create`, { method: 'POST', headers, body, signal });
      if (response.ok) return ((await response.json()) as { task_id: string }).task_id;
      if (response.status < 500) throw new Refused(`${response.status} ${await response.text()}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    await sleep(200 + 500 * random());
  }
}

/** A response that no network fault explains. */
class Refused extends Error {}

/** Waits with the SDK, and again when the SDK gives up on the network, as a retry button does. */
async function follow(workflowURL: string, apiKey: string, task_id: string): Promise<WorkflowTaskResult> {
  const heurist = new Heurist({ apiKey, workflowURL });
  for (;;) {
    try {
      return await heurist.workflow.task(task_id).wait();
    } catch (error) {
      if (!(error as { isRetryable?: boolean }).isRetryable) throw error;
      await sleep(1000);
    }
  }
}
