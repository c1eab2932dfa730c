// What many waits in one process cost, and when they end. Client and sequencer have a process each.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What the client process reports. Times are those of the machine. */
export interface ClientFigures {
  started: number;
  /** By task. */
  resolved: Record<string, number>;
  peakSockets: number;
  openedSockets: number;
  rssMB: number;
  stallMs: number;
}

/** What many waits cost. */
export interface WaitFigures extends Omit<ClientFigures, 'started' | 'resolved'> {
  /** From the start to the end of the last wait, as a multiple of the time until the last task has ended. */
  endRatio: number;
  /** From the end of a task until its wait has resolved: median, in milliseconds. */
  medianMs: number;
  /** Requests by call. */
  calls: Record<string, number>;
}

interface Load {
  tasks: number;
  /** Of the longest task. */
  seconds: number;
  /** `single`: a sequencer that knows no calls for many tasks, as those before. */
  mode: 'shared' | 'single';
  /** `run`: the client submits its tasks, too. `wait`: another process has. */
  what: 'run' | 'wait';
}

const start = (name: string, args: readonly string[]) => fork(fileURLToPath(new URL(name, import.meta.url)), args);

/** Waits for tasks at the same time. */
export async function measureWaits({ tasks, seconds, mode, what }: Load): Promise<WaitFigures> {
  const server = start('./wait-server.ts', [`${seconds}`, mode]);
  try {
    const { workflowURL, apiKey } = await messageOf<{ workflowURL: string; apiKey: string }>(server);
    const client = start('./wait-client.ts', [workflowURL, apiKey, `${tasks}`, what]);
    if (what === 'wait') {
      await messageOf(client);
      client.send(await submit(workflowURL, apiKey, tasks));
    }
    const { started, resolved, ...figures } = await messageOf<ClientFigures>(client);
    server.send('report');
    const { ended, calls } = await messageOf<{ ended: Record<string, number>; calls: Record<string, number> }>(server);
    const delays = Object.entries(resolved).map(([task_id, at]) => at - (ended[task_id] ?? Number.NaN));
    const last = (times: Record<string, number>) => Math.max(...Object.values(times)) - started;
    return {
      ...figures,
      endRatio: last(resolved) / last(ended),
      medianMs: delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.NaN,
      calls,
    };
  } finally {
    server.disconnect();
  }
}

async function submit(workflowURL: string, apiKey: string, count: number): Promise<string[]> {
  const body = JSON.stringify({ task_type: 'echo', task_details: { parameters: { text: 'hi' } } });
  const headers = { authorization: `Bearer ${apiKey}` };
  const submitOne = async () => {
    const reply = await fetch(`${workflowURL}/task_create`, { method: 'POST', headers, body });
    return ((await reply.json()) as { task_id: string }).task_id;
  };
  const task_ids: string[] = [];
  while (task_ids.length < count) {
    const next = Array.from({ length: Math.min(50, count - task_ids.length) }, submitOne);
    task_ids.push(...(await Promise.all(next)));
  }
  return task_ids;
}

async function messageOf<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  try {
    const failed = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`A process of the benchmark ended with ${code} and said nothing.`);
    });
    const [message] = (await Promise.race([once(child, 'message', { signal: ended.signal }), failed])) as [T];
    return message;
  } finally {
    ended.abort();
  }
}
