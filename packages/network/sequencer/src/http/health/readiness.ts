import { HeuristError } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import { messageWithAdvice } from '@heurist/server-kit/unknown-authority';
import type { SequencerServices } from '../services.ts';

/** What the checks look at. */
export type HealthServices = Pick<
  SequencerServices,
  'database' | 'writeProbe' | 'artifacts' | 'clock' | 'sharedClock' | 'limits' | 'warnSeldom'
>;

/** Whether one thing that a sequencer depends on is as it should be, and if not, why. */
interface Check {
  ok: boolean;
  why?: string;
}

/** What is checked. A clock that is off is reported, and no more: replicas go by that of the database. */
export type Checks = Record<'database' | 'storage' | 'disk' | 'clock', Check>;

/** Whoever asks about health, such as a load balancer, waits for a few seconds only. */
const ANSWER_MS = 3000;
/** Anybody may ask as often as they like: what costs something is done this often. */
const SHARE_MS = 250;
/** How far the clock of this machine may be from that of the database. */
const MOST_SKEW_MS = 10_000;
export const DATABASE_SILENT = 'The database does not answer. Check that it is running, and the network to it.';

/** Finds out whether a sequencer can take tasks and files. One answer serves everybody for a moment. */
export function createReadiness(services: HealthServices): () => Promise<Checks> {
  const { clock } = services;
  const database = shared(() => checkDatabase(services), clock);
  const storage = shared(() => checkStorage(services), clock);
  const disk = shared(() => checkDisk(services), clock);
  const skew = shared(() => checkClock(services), clock);
  return async () => {
    const found = await Promise.all([database(), storage(), disk(), skew()]);
    return { database: found[0], storage: found[1], disk: found[2], clock: found[3] };
  };
}

/** The first reason for which tasks or files cannot be taken. */
export function reasonAgainst({ clock, ...needed }: Checks): string | undefined {
  return Object.values(needed).find(({ ok }) => !ok)?.why;
}

async function checkDatabase({ database, writeProbe, clock }: HealthServices): Promise<Check> {
  const write = async () => {
    await database.query('SELECT 1');
    await writeProbe.check();
  };
  return await asCheck(within(clock, write(), DATABASE_SILENT), ({ message }) => message);
}

/** Without the reason, which names a folder: that is for the log. */
async function checkStorage({ artifacts, clock, warnSeldom }: HealthServices): Promise<Check> {
  const silent = 'The storage of files does not answer. Check its disk, or the network to it.';
  return await asCheck(within(clock, artifacts.checkStore(), silent), (error) => {
    if (error.message === silent) return silent;
    warnSeldom('not ready: storage', 'files cannot be stored', { message: messageWithAdvice(error) });
    return 'Files cannot be stored now. The log of this server says why.';
  });
}

/** The largest file that a consumer may send must find room. */
async function checkDisk({ artifacts, database, clock, limits }: HealthServices): Promise<Check> {
  const silent = 'The disk does not answer. Check that it works.';
  const measure = Promise.all([artifacts.freeBytes(), database.freeBytes?.()]);
  return await asCheck(
    within(clock, measure, silent).then((found) => {
      const free = Math.min(...found.filter((bytes) => bytes !== undefined));
      if (free < limits.uploadBytes)
        throw new Error(
          `The disk has ${Math.floor(free / 1e6)} MB left, and one file may have ${Math.ceil(limits.uploadBytes / 1e6)} MB. Free up space.`,
        );
    }),
    ({ message }) => (message === silent ? silent : readable(message)),
  );
}

/** Errors of the file system name folders. */
const readable = (message: string) =>
  message.startsWith('The disk has') ? message : 'The free space of the disk cannot be read.';

async function checkClock({ sharedClock, clock }: HealthServices): Promise<Check> {
  const silent = 'The clock cannot be compared: the database does not answer.';
  return await asCheck(
    within(clock, sharedClock.sync(), silent).then((skew) => {
      if (Math.abs(skew) <= MOST_SKEW_MS) return;
      const seconds = Math.round(Math.abs(skew) / 1000);
      throw new Error(
        `The clock of this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} that of the database. Synchronize both, by NTP.`,
      );
    }),
    ({ message }) => (message.startsWith('The clock of') ? message : silent),
  );
}

async function asCheck(done: Promise<unknown>, explain: (error: Error) => string): Promise<Check> {
  return await done.then(
    () => ({ ok: true }),
    (error: Error) => ({ ok: false, why: explain(error) }),
  );
}

/** Callers within a moment, or while an answer is on its way, share that answer. */
function shared<T>(check: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: { endedAt: number | undefined; answer: Promise<T> } | undefined;
  return () => {
    const isOver = last?.endedAt !== undefined && clock.now() - last.endedAt >= SHARE_MS;
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

/** @throws {HeuristError} `unavailable` if there is no answer in time */
export async function within<T>(clock: Clock, answer: Promise<T>, message: string): Promise<T> {
  const limit = new AbortController();
  const late = clock.sleep(ANSWER_MS, limit.signal).then(() => {
    if (limit.signal.aborted) return undefined as never;
    throw new HeuristError(message, { code: 'unavailable', isRetryable: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    limit.abort();
  }
}
