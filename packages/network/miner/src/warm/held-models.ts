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
  /** Of that, the time in nodes that load. */
  loaders_ms: number;
}

/** Times of one workflow with one model, in milliseconds. */
interface ReadyTimes {
  cold?: number;
  warm?: number;
}

/** What is known of the loads of one model. */
export interface LoadTimes {
  /** By workflow: the same model may have more to prepare in one than in another. */
  ready: Record<string, ReadyTimes>;
  /** The time in nodes that load, in the last cold run. */
  loaders?: number;
}

/** How many models are remembered. The one used longest ago is forgotten. */
const MOST_MODELS = 200;
/** How many a ComfyUI is believed to hold at most. */
const MOST_HELD = 32;
/** How much a later measurement counts. */
const SHARE = 0.3;
/** A warm run that is slower than before: the graph may have been larger. */
const SLOWER_SHARE = 0.1;

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
    const { warm } = this.#times.get(run.key)?.ready[run.workflow_id] ?? {};
    if (warm !== undefined) return Math.max(0, run.ready_ms - warm);
    return run.loaders_ms || undefined;
  }

  /** Nothing is in memory any more: it was freed, was not enough, or the ComfyUI was restarted. */
  clear(): void {
    this.#used = [];
  }

  /** What loading a model costs; `undefined` if that is not known. */
  loadMs(key: string): number | undefined {
    const { ready = {}, loaders } = this.#times.get(key) ?? {};
    const loads = Object.values(ready).flatMap(({ cold, warm }) =>
      cold === undefined || warm === undefined ? [] : [Math.max(0, cold - warm)],
    );
    return loads.length ? Math.max(...loads) : loaders;
  }

  /** What it took tells, if it is known what both take; else what is believed. */
  #isWarm({ key, workflow_id, depth, ready_ms }: ModelRun): boolean {
    const load = this.loadMs(key);
    const { warm } = this.#times.get(key)?.ready[workflow_id] ?? {};
    if (load !== undefined && warm !== undefined && load > 0) return ready_ms < warm + load / 2;
    return depth !== undefined && depth < this.#slots;
  }

  #learnSlots({ depth }: ModelRun, isWarm: boolean): void {
    if (depth === undefined) return;
    if (isWarm && depth >= this.#slots) this.#slots = Math.min(depth + 1, MOST_HELD);
    if (!isWarm && depth < this.#slots) this.#slots = Math.max(1, depth);
  }

  #learnTimes({ key, workflow_id, ready_ms, loaders_ms }: ModelRun, isWarm: boolean): void {
    const known = this.#times.get(key) ?? { ready: {} };
    const before = known.ready[workflow_id] ?? {};
    const after = isWarm
      ? { ...before, warm: mix(before.warm, ready_ms, ready_ms < (before.warm ?? 0) ? 1 : SLOWER_SHARE) }
      : { ...before, cold: mix(before.cold, ready_ms, SHARE) };
    const loaders = isWarm ? known.loaders : loaders_ms || known.loaders;
    // the last used comes last
    this.#times.delete(key);
    this.#times.set(key, {
      ready: { ...known.ready, [workflow_id]: after },
      ...(loaders !== undefined && { loaders }),
    });
    if (this.#times.size > MOST_MODELS) this.#times.delete(this.#times.keys().next().value!);
    this.#onChange(Object.fromEntries(this.#times));
  }
}

/** A mean in which the new value has a share. */
function mix(before: number | undefined, value: number, share: number): number {
  return before === undefined ? value : before + (value - before) * share;
}
