/** Tasks that run at one machine, with one key. */
export interface RunningCount {
  miner_id: string;
  miner_key_id: string | null;
  machine_id: string | null;
  count: number;
}

/** How many tasks may run at the same time: with all keys of a miner, with its key, on its machine. */
export interface LeaseLimits {
  owner: number;
  key: number;
  machine: number;
}

/** A machine that wants to run another task. */
interface Runner {
  miner_id: string;
  key_id?: string | undefined;
  machine_id?: string | undefined;
}

/** What miners run, and what they are about to. */
export class LeaseRoom {
  readonly #counts = new Map<string, number>();

  constructor(running: readonly RunningCount[]) {
    for (const { miner_id, miner_key_id, machine_id, count } of running)
      for (const place of placesOf({ miner_id, key_id: miner_key_id ?? '', machine_id: machine_id ?? '' }))
        this.#counts.set(place, this.#countOf(place) + count);
  }

  /** Takes room for one more task, if there is any. */
  take(runner: Runner, { owner, key, machine }: LeaseLimits): boolean {
    const places = placesOf(runner);
    const most = [owner, key, machine];
    if (places.some((place, index) => this.#countOf(place) >= most[index]!)) return false;
    for (const place of places) this.#counts.set(place, this.#countOf(place) + 1);
    return true;
  }

  #countOf(place: string): number {
    return this.#counts.get(place) ?? 0;
  }
}

/** What counts together: by owner, by key, by machine. */
function placesOf({ miner_id, key_id = '', machine_id = '' }: Runner): string[] {
  return [['owner'], ['key', key_id], ['machine', machine_id]].map((place) => JSON.stringify([miner_id, ...place]));
}
