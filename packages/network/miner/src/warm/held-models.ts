// Which models a ComfyUI holds, and what loading them costs, learned from the runs themselves: no ComfyUI says it.

/** A model that is held, as the sequencer is told. */
export interface HeldModel {
  key: string;
  /** What loading it costs, in milliseconds; missing until that was measured. */
  load_ms?: number;
}

/** What was measured of a run. */
export interface ModelRun {
  key: string;
  workflow_id: string;
  /** What {@link HeldModels.use} answered when the task came. */
  depth: number | undefined;
  /** From the start of the graph to its first step, or to its end if it has no steps: a load is part of that. Milliseconds. */
  ready_ms: number;
  /** Of that, the time in nodes that load models. */
  loaders_ms: number;
}

/** Times of the last runs of one workflow with one model, in milliseconds. */
interface ReadyTimes {
  cold: readonly number[];
  warm: readonly number[];
}

/** What is known of the loads of one model. */
export interface LoadTimes {
  /** By workflow: the same model may have more to prepare in one than in another. */
  ready: Record<string, ReadyTimes>;
  /** The time in nodes that load, in the last cold runs. */
  loaders: readonly number[];
}

/** How many models are remembered. The one used longest ago is forgotten. */
const MOST_MODELS = 200;
/** How many a ComfyUI is believed to hold at most. */
const MOST_HELD = 32;
/**
 * The median of so many runs counts. The first run after a start takes several times as long as the next ones, and in a mean it
 * would count for many runs.
 */
const RUNS = 5;
/** Nodes that load for this share of what is known have loaded: the first load after a start takes ten times as long as the second. */
const LOADED_SHARE = 0.05;

const NOTHING: LoadTimes = { ready: {}, loaders: [] };
const NO_RUNS: ReadyTimes = { cold: [], warm: [] };

/**
 * Knows what a ComfyUI holds: the models of the last runs, as many as it has shown to keep. That begins with one, grows when an
 * older model is found in memory, and shrinks when one that should be there has to be loaded.
 */
export class HeldModels {
  readonly #times: Map<string, LoadTimes>;
  readonly #onChange: (times: Record<string, LoadTimes>) => void;
  /** Models that were used, the last one first. */
  #used: string[] = [];
  #slots = 1;

  /**
   * @param times - what was measured before, by key
   * @param onChange - called with everything that is known, to be kept
   */
  constructor(
    times: Readonly<Record<string, LoadTimes>> = {},
    onChange: (times: Record<string, LoadTimes>) => void = () => {},
  ) {
    this.#times = new Map(Object.entries(times));
    this.#onChange = onChange;
  }

  /** What it holds once all that it was given has run, the last used first. */
  get warm(): HeldModel[] {
    return this.#used.slice(0, this.#slots).map((key) => {
      const load_ms = this.loadMs(key);
      return { key, ...(load_ms !== undefined && { load_ms: Math.round(load_ms) }) };
    });
  }

  /**
   * A task with this model was claimed, and runs after all others.
   *
   * @returns how many other models were used since its last use; `undefined` if it was not used before
   */
  use(key: string): number | undefined {
    const depth = this.#used.indexOf(key);
    this.#used = [key, ...this.#used.filter((other) => other !== key)].slice(0, MOST_MODELS);
    return depth < 0 ? undefined : depth;
  }

  /**
   * Learns from a run.
   *
   * @returns how long its model was loaded, in milliseconds: 0 if it was in memory, `undefined` if that cannot be told yet
   */
  record(run: ModelRun): number | undefined {
    const isWarm = this.#isWarm(run);
    this.#learnSlots(run, isWarm);
    this.#learnTimes(run, isWarm);
    if (isWarm) return 0;
    const warm = median(this.#readyOf(run).warm);
    if (warm !== undefined) return Math.max(0, run.ready_ms - warm);
    return run.loaders_ms || undefined;
  }

  /** Nothing is in memory any more: it was freed, was not enough, or the ComfyUI was restarted. */
  clear(): void {
    this.#used = [];
  }

  /** What loading a model costs; `undefined` if that is not known. */
  loadMs(key: string): number | undefined {
    const { ready, loaders } = this.#times.get(key) ?? NOTHING;
    const loads = Object.values(ready).flatMap((times) => {
      const [cold, warm] = [median(times.cold), median(times.warm)];
      return cold === undefined || warm === undefined ? [] : [Math.max(0, cold - warm)];
    });
    return loads.length ? Math.max(...loads) : median(loaders);
  }

  #readyOf({ key, workflow_id }: ModelRun): ReadyTimes {
    return this.#times.get(key)?.ready[workflow_id] ?? NO_RUNS;
  }

  /** Nodes that load tell: they run only if what they gave before is gone. Then what it took, if it is known what both take. Then belief. */
  #isWarm(run: ModelRun): boolean {
    const { key, depth, ready_ms, loaders_ms } = run;
    const loaders = median(this.#times.get(key)?.loaders ?? []);
    if (loaders && loaders_ms >= loaders * LOADED_SHARE) return false;
    const load = this.loadMs(key);
    const warm = median(this.#readyOf(run).warm);
    if (load !== undefined && warm !== undefined && load > 0) return ready_ms < warm + load / 2;
    return depth !== undefined && depth < this.#slots;
  }

  #learnSlots({ depth }: ModelRun, isWarm: boolean): void {
    if (depth === undefined) return;
    if (isWarm && depth >= this.#slots) this.#slots = Math.min(depth + 1, MOST_HELD);
    if (!isWarm && depth < this.#slots) this.#slots = Math.max(1, depth);
  }

  #learnTimes(run: ModelRun, isWarm: boolean): void {
    const { key, workflow_id, ready_ms, loaders_ms } = run;
    const { ready, loaders } = this.#times.get(key) ?? NOTHING;
    const { cold, warm } = this.#readyOf(run);
    const after = isWarm ? { cold, warm: withLast(warm, ready_ms) } : { cold: withLast(cold, ready_ms), warm };
    // the last used comes last
    this.#times.delete(key);
    this.#times.set(key, {
      ready: { ...ready, [workflow_id]: after },
      loaders: isWarm || !loaders_ms ? loaders : withLast(loaders, loaders_ms),
    });
    if (this.#times.size > MOST_MODELS) this.#times.delete(this.#times.keys().next().value!);
    this.#onChange(Object.fromEntries(this.#times));
  }
}

const withLast = (before: readonly number[], value: number) => [...before, value].slice(-RUNS);

/** The middle one, of an even number the lower one; `undefined` of none. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1];
}
