import { sleep } from './sleep.ts';

interface BatchOptions {
  /** How long a batch gathers while calls come close together, in milliseconds. Default 1. */
  gatherMs?: number;
  /** Calls in one batch at most: a statement over more gains nothing. Default 200. */
  maxSize?: number;
}

interface Call<In, Out> {
  item: In;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/**
 * Batches calls of about the same moment into one run: while a batch runs, the next one gathers. A single call does not
 * wait. If a batch fails, each of its calls runs alone, so that none fails because of another; an error with the code
 * `unavailable` then fails the rest at once.
 *
 * @param run - answers in the order of the items
 */
export function batch<In, Out>(
  run: (items: readonly In[]) => Promise<readonly Out[]>,
  { gatherMs = 1, maxSize = 200 }: BatchOptions = {},
): (item: In) => Promise<Out> {
  let waiting: Call<In, Out>[] = [];
  let isRunning = false;

  async function work(): Promise<void> {
    // calls of the same turn of the event loop come along
    await new Promise(setImmediate);
    while (waiting.length) {
      if (waiting.length > 1) await sleep(gatherMs);
      const calls = waiting.slice(0, maxSize);
      waiting = waiting.slice(maxSize);
      await settle(run, calls);
    }
    isRunning = false;
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    waiting.push({ item, resolve, reject });
    if (!isRunning) {
      isRunning = true;
      void work();
    }
    return promise;
  };
}

async function settle<In, Out>(
  run: (items: readonly In[]) => Promise<readonly Out[]>,
  calls: readonly Call<In, Out>[],
): Promise<void> {
  try {
    const outs = await run(calls.map(({ item }) => item));
    for (const [index, { resolve }] of calls.entries()) resolve(outs[index]!);
  } catch (error) {
    if (calls.length === 1) calls[0]!.reject(error);
    else await settleEach(run, calls);
  }
}

/** Runs calls one by one, until one finds that nothing can be served now: the others would wait for the same in turn. */
async function settleEach<In, Out>(
  run: (items: readonly In[]) => Promise<readonly Out[]>,
  calls: readonly Call<In, Out>[],
): Promise<void> {
  let outage: unknown;
  for (const { item, resolve, reject } of calls) {
    if (outage) reject(outage);
    else
      await run([item]).then(
        ([out]) => resolve(out!),
        (error) => {
          if ((error as { code?: unknown }).code === 'unavailable') outage = error;
          reject(error);
        },
      );
  }
}

/** Rows in the order of the keys that they were asked for by. */
export function inOrder<Key, Row>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key | null,
): (Row | undefined)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key));
}
