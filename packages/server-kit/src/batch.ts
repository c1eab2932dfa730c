import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group gathers where calls come close together. Alone, a call does not wait. */
const GATHER_MS = 2;
/** So many at most go into one group: a statement over more gains nothing. */
const MOST = 200;

interface Waiting<In, Out> {
  item: In;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/**
 * Makes calls of about the same moment share one run: while a group is under way, the next one gathers. Alone, a call
 * waits for nothing. Where a group fails, each of its calls is made by itself, so that none fails for another's sake.
 *
 * @param run - answers in the order of the items
 */
export function grouped<In, Out>(run: (items: readonly In[]) => Promise<readonly Out[]>): (item: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let isRunning = false;

  async function work(): Promise<void> {
    // what else arrived with this turn of the event loop comes along
    await new Promise(setImmediate);
    while (waiting.length) {
      if (waiting.length > 1) await sleep(GATHER_MS);
      const group = waiting.slice(0, MOST);
      waiting = waiting.slice(MOST);
      await settle(run, group);
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
  group: readonly Waiting<In, Out>[],
): Promise<void> {
  try {
    const outs = await run(group.map(({ item }) => item));
    for (const [index, { resolve }] of group.entries()) resolve(outs[index]!);
  } catch (error) {
    if (group.length === 1) group[0]!.reject(error);
    else for (const each of group) await settle(run, [each]);
  }
}

/** What was found, in the order in which it was asked for. */
export function inOrder<Key, Row>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key | null,
): (Row | undefined)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key));
}
