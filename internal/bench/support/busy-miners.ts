// Miners that run a task each and send heartbeats, from a separate process, so that its CPU is told apart.
import { Agent, request } from 'node:http';
import type { Beats, BusyJob } from './job.ts';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
/** Claims that are on their way at the same time. */
const LANES = 64;
const LONGEST_WAIT_SECONDS = 60;
/** By how much a hold may end before its time. */
const TIMER_MS = 20;

interface Miner {
  key: string;
  lease_id: string;
}

interface Answer {
  task_id?: string | null;
  lease_id?: string;
  cancel?: boolean;
  heartbeat_seconds?: number;
  error?: { code: string };
  results?: Answer[];
  code?: string;
}

/** Without what is secret of its key. */
const nameOf = ({ key }: Pick<Miner, 'key'>) => key.split('#')[0];
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

function call(url: string, name: string, key: string, body: object): Promise<Answer> {
  const content = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(content),
    authorization: `Bearer ${key}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/${name}`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(error);
        }
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(content);
  });
}

async function claimAll(url: string, keys: readonly string[]): Promise<Beats> {
  const waiting = [...keys];
  const lane = async () => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const body = { workflow_ids: ['echo'], wait_seconds: 10, slots: 1 };
      const { lease_id, ...answer } = await call(url, 'miner_request', key, body);
      if (!lease_id) throw new Error(`${nameOf({ key })} got no task: ${JSON.stringify(answer)}`);
      void beat(url, { key, lease_id });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return summaryOf(createCounted(), 0);
}

/** One heartbeat. Returns the answer for its lease, and how long that took beyond what it was held for. */
type Send = (url: string, miner: Miner, waitSeconds: number) => Promise<{ answer: Answer; ms: number }>;

const sendOne: Send = async (url, { key, lease_id }) => {
  const start = performance.now();
  const answer = await call(url, 'miner_heartbeat', key, { lease_id });
  return { answer, ms: performance.now() - start };
};

const sendHeld: Send = async (url, { key, lease_id }, wait_seconds) => {
  const start = performance.now();
  const body = { heartbeats: [{ lease_id }], wait_seconds };
  const { results: [answer = {}] = [], ...rest } = await call(url, 'miner_heartbeats', key, body);
  const ms = performance.now() - start;
  const heldMs = Math.min(wait_seconds, answer.heartbeat_seconds ?? 0) * 1000;
  // one that was not held was answered at once; timers of two processes may differ by a little
  return { answer: { ...rest, ...answer }, ms: ms >= heldMs - TIMER_MS ? Math.max(0, ms - heldMs) : ms };
};

interface Counted {
  renewed: number;
  lost: number;
  failed: number;
  times: number[];
}

const createCounted = (): Counted => ({ renewed: 0, lost: 0, failed: 0, times: [] });

/** How they send heartbeats now, and what is counted of it. */
const now: { kind: 'every 2 s' | 'held'; counted: Counted } = { kind: 'held', counted: createCounted() };

/** From its claim on, without an end: between two measurements no lease may run out. */
async function beat(url: string, miner: Miner): Promise<void> {
  for (let interval = 2; ; ) {
    const sentAt = performance.now();
    const { kind } = now;
    const send = kind === 'held' ? sendHeld : sendOne;
    const { answer, ms } = await send(url, miner, Math.min(interval, LONGEST_WAIT_SECONDS)).catch(
      (): Awaited<ReturnType<Send>> => ({ answer: {}, ms: 0 }),
    );
    const outcome = outcomeOf(answer);
    now.counted[outcome]++;
    if (outcome === 'renewed') now.counted.times.push(ms);
    if (outcome === 'lost') return;
    interval = kind === 'held' && outcome === 'renewed' ? (answer.heartbeat_seconds ?? 2) : 2;
    const answeredAt = performance.now();
    // as our miner: after an answer that was held, at once
    const wasHeld = kind === 'held' && outcome === 'renewed' && answeredAt - sentAt >= 500;
    if (!wasHeld) await sleep((kind === 'held' ? sentAt - answeredAt : 0) + interval * 1000);
  }
}

function outcomeOf(answer: Answer): 'renewed' | 'lost' | 'failed' {
  if (answer.cancel === false) return 'renewed';
  return (answer.error ?? answer).code === 'lease_lost' ? 'lost' : 'failed';
}

async function measure({ kind, warmSeconds, seconds }: Extract<BusyJob, { seconds: number }>): Promise<Beats> {
  now.kind = kind;
  await sleep(warmSeconds * 1000);
  const counted = createCounted();
  now.counted = counted;
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  now.counted = createCounted();
  const { user, system } = process.cpuUsage(before);
  return summaryOf(counted, (user + system) / 1e6 / seconds);
}

function summaryOf({ times, ...counted }: Counted, cpu: number): Beats {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { ...counted, latency: [at(0.5), at(0.99), at(1)], cpu };
}

// their heartbeats would go on without an end
process.on('disconnect', () => process.exit());

process.on('message', (job: BusyJob) => {
  const running = job.kind === 'claim' ? claimAll(job.url, job.keys) : measure(job);
  running.then(
    (beats) => process.send?.({ beats }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
