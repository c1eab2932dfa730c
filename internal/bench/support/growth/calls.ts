// The calls of consumers, miners and operators, one after the other, with how long each took.
import { Agent, request } from 'node:http';
import type { Target } from '../job.ts';

const agent = new Agent({ keepAlive: true });
/** Tasks that are asked for at once. */
const LISTED = 100;
const parameters = { text: 'x'.repeat(200) };

/** Milliseconds of each call, by its name. */
export type Times = Map<string, number[]>;

/** A network, and who calls it. */
export interface Caller extends Target {
  operatorKey: string;
  /** Ended tasks of the consumer. Default: those that are made here. */
  ended?: readonly string[];
}

interface Reply {
  task_id?: string | null;
  status?: string;
}

/** One request. Returns the body of the answer. */
function send({ url }: Target, path: string, key?: string, body?: object): Promise<string> {
  const content = body && JSON.stringify(body);
  const headers = {
    ...(content !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
    }),
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/${path}`, { method: body ? 'POST' : 'GET', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const reply = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(reply);
        else reject(new Error(`${path}: ${response.statusCode} ${reply.slice(0, 200)}`));
      });
    });
    sent.on('error', reject);
    sent.end(content);
  });
}

/** Makes tasks, runs as many, and asks for them, one call after the other. Adds how long each call took. */
export async function callAll(caller: Caller, count: number, times: Times): Promise<void> {
  async function timed(name: string, path: string, key?: string, body?: object): Promise<string> {
    const start = performance.now();
    const reply = await send(caller, path, key, body);
    times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    return reply;
  }
  const waiting: string[] = [];
  const finished: string[] = [];
  for (let index = 0; index < count; index++) {
    const task = { task_type: 'echo', task_details: { parameters } };
    waiting.push((JSON.parse(await timed('create', 'task_create', caller.key, task)) as Reply).task_id!);
  }
  for (const task_id of waiting) await timed('query, waiting', 'task_result_query', caller.key, { task_id });
  for (let index = 0; index < count; index++) {
    const erc20_address = `miner${index}`;
    const claim = { erc20_address, workflow_ids: ['echo'], wait_seconds: 0 };
    const { task_id } = JSON.parse(await timed('claim', 'miner_request', undefined, claim)) as Reply;
    if (!task_id) throw new Error('A claim got no task.');
    const result = { task_id, miner_id: erc20_address, success: true, result: 'https://example.com/x' };
    await timed('finish', 'miner_submit', undefined, result);
    finished.push(task_id);
  }
  const ended = caller.ended ?? finished;
  for (const task_id of ended.slice(0, count))
    await timed('query, ended', 'task_result_query', caller.key, { task_id });
  const task_ids = ended.slice(0, LISTED);
  for (let index = 0; index < count; index++) {
    await timed(`query of ${task_ids.length}`, 'tasks_query', caller.key, { task_ids });
    await timed('status', 'network_status', caller.key, {});
    await timed('metrics', 'metrics', caller.operatorKey);
  }
}
