import type { Clock } from '@heurist/server-kit/clock';
import type { ArtifactStore } from './artifact-store.ts';
import { type Sample, secondsLeft } from './seconds-left.ts';

/** How often the room is written down for the estimate, and how long it is kept. */
const SAMPLE_MS = 10 * 60_000;
const SAMPLES = 144;

interface RoomOptions {
  /** Bytes of the disk that must stay free. 0: any. */
  minFreeBytes: number;
  /** Bytes that may be stored in all. Missing: any. */
  maxStoredBytes: number | undefined;
  /** Bytes of all files, as counted. */
  total: () => Promise<number>;
  clock: Clock;
}

/** How much more can be stored. */
export interface Room {
  /** Bytes of all files. */
  storedBytes: number;
  /** Bytes that are free: on the disk, or up to the limit of the operator, whichever is less. Missing if neither is known. */
  freeBytes?: number;
  /** When these are used up at the pace of the last day. Missing if it does not get less, or is not known yet. */
  secondsLeft?: number;
}

/** Whether there is room for more files, and for how long. */
export class StorageRoom {
  readonly #store: Pick<ArtifactStore, 'freeBytes'>;
  readonly #options: RoomOptions;
  #samples: Sample[] = [];

  constructor(store: Pick<ArtifactStore, 'freeBytes'>, options: RoomOptions) {
    this.#store = store;
    this.#options = options;
  }

  async measure(): Promise<Room> {
    const { maxStoredBytes, clock, total } = this.#options;
    const [free, storedBytes] = await Promise.all([this.#store.freeBytes?.(), total()]);
    const left = maxStoredBytes === undefined ? undefined : Math.max(0, maxStoredBytes - storedBytes);
    const known = [free, left].filter((bytes) => bytes !== undefined);
    if (!known.length) return { storedBytes };
    const freeBytes = Math.min(...known);
    const seconds = secondsLeft(this.#samples, { at: clock.now(), freeBytes });
    return { storedBytes, freeBytes, ...(seconds !== undefined && { secondsLeft: seconds }) };
  }

  /** Writes down how much room there is, for the estimate. */
  async sample(): Promise<void> {
    const at = this.#options.clock.now();
    const last = this.#samples.at(-1);
    if (last && at - last.at < SAMPLE_MS) return;
    const { freeBytes } = await this.measure();
    if (freeBytes !== undefined) this.#samples = [...this.#samples, { at, freeBytes }].slice(-SAMPLES);
  }

  /** Bytes that must be deleted; 0 or less if there is enough room. */
  async missingBytes(): Promise<number> {
    const { minFreeBytes, maxStoredBytes, total } = this.#options;
    const free = minFreeBytes > 0 ? await this.#store.freeBytes?.() : undefined;
    const surplus = maxStoredBytes === undefined ? 0 : (await total()) - maxStoredBytes;
    return Math.max(surplus, free === undefined ? 0 : minFreeBytes - free);
  }
}
