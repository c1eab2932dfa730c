// Miners that run a task each and send heartbeats, from a separate process, so that its CPU is told apart.
import { Agent, request } from 'node:http';
import type { Beats, BusyJob } from './job.ts';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
/** Claims that are on their way at the same time. */
const LANES = 64;
const LONGEST_WAIT_SECONDS = 60;

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

const miners: Miner[] = [];
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
  const kept: Promise<void>[] = [];
  let isClaiming = true;
  // a lease of a short task would end before the last miner has one
  async function keep(miner: Miner): Promise<void> {
    for (let seconds = 2; isClaiming; ) {
      const { answer } = await sendHeld(url, miner, seconds);
      if (answer.cancel !== false) throw new Error(`${nameOf(miner)} lost its task: ${JSON.stringify(answer)}`);
      seconds = answer.heartbeat_seconds ?? 2;
    }
  }
  const lane = async () => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const body = { workflow_ids: ['echo'], wait_seconds: 10, slots: 1 };
      const { lease_id, ...answer } = await call(url, 'miner_request', key, body);
      if (!lease_id) throw new Error(`${nameOf({ key })} got no task: ${JSON.stringify(answer)}`);
      const miner = { key, lease_id };
      miners.push(miner);
      kept.push(keep(miner));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  isClaiming = false;
  await Promise.all(kept);
  return { renewed: 0, lost: 0, failed: 0, latency: [0, 0, 0], cpu: 0 };
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
  // one that was not held was answered at once
  return { answer: { ...rest, ...answer }, ms: ms >= heldMs ? ms - heldMs : ms };
};

async function beatAll({ kind, url, warmSeconds, seconds }: Extract<BusyJob, { seconds: number }>): Promise<Beats> {
  const send = kind === 'held' ? sendHeld : sendOne;
  const counted = { renewed: 0, lost: 0, failed: 0 };
  const times: number[] = [];
  const begin = performance.now() + warmSeconds * 1000;
  const end = begin + seconds * 1000;
  async function mine(miner: Miner, index: number): Promise<void> {
    // they began at different moments
    await sleep((index / miners.length) * 1000);
    let interval = 2;
    while (performance.now() < end) {
      const sentAt = performance.now();
      const waits = kind === 'held' ? Math.min(interval, LONGEST_WAIT_SECONDS) : 0;
      const { answer, ms } = await send(url, miner, waits).catch(
        (): Awaited<ReturnType<Send>> => ({ answer: {}, ms: 0 }),
      );
      const outcome =
        answer.cancel === false ? 'renewed' : (answer.error ?? answer).code === 'lease_lost' ? 'lost' : 'failed';
      if (performance.now() >= begin && performance.now() < end) {
        counted[outcome]++;
        if (outcome === 'renewed') times.push(ms);
      }
      if (outcome === 'lost') return;
      interval = kind === 'held' && outcome === 'renewed' ? (answer.heartbeat_seconds ?? 2) : 2;
      // as our miner: after an answer that was held, at once
      const wasHeld = kind === 'held' && outcome === 'renewed' && performance.now() - sentAt >= 500;
      const now = performance.now();
      // none waits beyond the end: what is measured next must find all leases as they are
      if (!wasHeld) await sleep(Math.min((kind === 'held' ? sentAt : now) + interval * 1000, end) - now);
    }
  }
  const mining = Promise.all(miners.map(mine));
  await sleep(warmSeconds * 1000);
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  await mining;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { ...counted, latency: [at(0.5), at(0.99), at(1)], cpu: (user + system) / 1e6 / seconds };
}

process.on('message', (job: BusyJob) => {
  const running = job.kind === 'claim' ? claimAll(job.url, job.keys) : beatAll(job);
  running.then(
    (beats) => process.send?.({ beats }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
