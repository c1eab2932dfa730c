import { HeuristError } from '@heurist/core';
import type { Hono } from 'hono';
import type { SequencerServices } from './services.ts';

/** Whoever asks about health, such as a load balancer, waits for a few seconds only. */
const ANSWER_MS = 3000;

type HealthServices = Pick<SequencerServices, 'database' | 'writeProbe' | 'artifacts' | 'clock'>;

const DATABASE_SILENT = 'The database does not answer. Check that it is running, and the network to it.';

/** Anybody may ask as often as they like: a file is written at most this often to find out. */
const STORE_MS = 250;

/** Whether this server works (`/healthz`), and whether it can take tasks and files too (`/readyz`). No key is needed. */
export function addHealthRoutes(app: Hono, services: HealthServices): void {
  const checkStoreOnce = shared(() => checkStore(services), services.clock);
  app.get('/healthz', async (c) => {
    await checkDatabase(services);
    return c.json({ status: 'ok' });
  });
  app.get('/readyz', async (c) => {
    await checkDatabase(services);
    await within(services, services.writeProbe.check(), DATABASE_SILENT);
    await within(services, checkStoreOnce(), 'The storage of files does not answer. Check its disk.');
    return c.json({ status: 'ready' });
  });
}

/** Callers within a moment, or while an answer is on its way, share that answer. */
function shared(check: () => Promise<void>, clock: HealthServices['clock']): () => Promise<void> {
  let last: { endedAt: number | undefined; answer: Promise<void> } | undefined;
  return () => {
    const isOver = last?.endedAt !== undefined && clock.now() - last.endedAt >= STORE_MS;
    if (last && !isOver) return last.answer;
    const next = { endedAt: undefined as number | undefined, answer: check() };
    const end = () => {
      next.endedAt = clock.now();
    };
    next.answer.then(end, end);
    last = next;
    return next.answer;
  };
}

/** Without the reason, which names a folder: that is for the log. */
async function checkStore({ artifacts }: HealthServices): Promise<void> {
  await artifacts.checkStore().catch((cause) => {
    const message = 'Files cannot be stored now. The log of this server says why.';
    throw new HeuristError(message, { code: 'unavailable', isRetryable: true, cause });
  });
}

async function checkDatabase(services: HealthServices): Promise<void> {
  await within(services, services.database.query('SELECT 1'), DATABASE_SILENT);
}

/** @throws {HeuristError} `unavailable` if there is no answer in time */
async function within({ clock }: HealthServices, answer: Promise<unknown>, message: string): Promise<void> {
  const limit = new AbortController();
  const late = clock.sleep(ANSWER_MS, limit.signal).then(() => {
    if (!limit.signal.aborted) throw new HeuristError(message, { code: 'unavailable', isRetryable: true });
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    limit.abort();
  }
}
