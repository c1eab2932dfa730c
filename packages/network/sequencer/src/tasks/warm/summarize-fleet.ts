// What is known of each model, from what machines hold and run: pure.
import type { Holder, Machine } from './fleet-table.ts';
import { clampLoad, type KeyKnowledge } from './knowledge.ts';

/** A task that a machine runs. */
export interface MachineRun extends Machine {
  model_key: string;
  /** Whether its models were in memory; `null` if that is not known. */
  was_warm: boolean | null;
  /** For how long, in milliseconds. */
  elapsed_ms: number;
}

/** How long runs with a model took lately, in milliseconds. */
export interface ModelTimes {
  model_key: string;
  /** Of a run, without the load. `null` if not known, as below. */
  run_ms: number | null;
  /** Three of four runs take no longer. */
  slow_ms?: number | null;
  load_ms: number | null;
}

/** What the network knows of its fleet. */
export interface FleetSummary {
  models: Map<string, KeyKnowledge>;
  /** By {@link nameOf}: the most models that a machine has held at once. */
  slots: Map<string, number>;
  /** Machines that run a task, by name. */
  busy: Set<string>;
  /** By miner: the models that its machines hold. */
  held: Map<string, Set<string>>;
  times: Map<string, ModelTimes>;
}

/** One text for each machine. */
export const nameOf = ({ miner_id, machine_id }: Machine) => JSON.stringify([miner_id, machine_id]);

/** A machine that runs a task holds its models too, and no more models than it can. */
export function summarizeFleet(
  holders: readonly Holder[],
  running: readonly MachineRun[],
  times: readonly ModelTimes[],
): FleetSummary {
  const runs = Map.groupBy(running, nameOf);
  const timesOf = new Map(times.map((each) => [each.model_key, each]));
  const models = new Map<string, KeyKnowledge & { loads: number[] }>();
  const held = new Map<string, Set<string>>();
  for (const holder of holders) {
    const own = runs.get(nameOf(holder)) ?? [];
    const busy = own.reduce((sum, run) => sum + remainingOf(run, timesOf.get(run.model_key)), 0);
    for (const { key, load_ms } of heldNow(holder, own)) {
      const known = models.get(key) ?? { holders: 0, busy_ms: 0, loads: [] };
      known.holders++;
      known.busy_ms += busy;
      const load = clampLoad(load_ms);
      if (load !== undefined) known.loads.push(load);
      models.set(key, known);
      held.set(holder.miner_id, (held.get(holder.miner_id) ?? new Set()).add(key));
    }
  }
  return {
    models: new Map(
      [...models].map(([key, { loads, ...known }]) => [key, { ...known, ...timesFor(timesOf.get(key), loads) }]),
    ),
    slots: new Map(holders.map((holder) => [nameOf(holder), holder.slots])),
    busy: new Set(runs.keys()),
    held,
    times: timesOf,
  };
}

function heldNow({ held, slots }: Holder, running: readonly MachineRun[]): Holder['held'] {
  const keys = new Set(running.flatMap(({ model_key }) => model_key || []));
  const before = held.filter(({ key }) => !keys.has(key));
  return [...[...keys].map((key) => held.find((model) => model.key === key) ?? { key }), ...before].slice(
    0,
    Math.max(slots, keys.size),
  );
}

function remainingOf({ was_warm, elapsed_ms }: MachineRun, times: ModelTimes | undefined): number {
  const load = was_warm ? 0 : (times?.load_ms ?? 0);
  return Math.max(0, (times?.run_ms ?? 0) + load - elapsed_ms);
}

/** What runs took counts more than what miners say. */
function timesFor(times: ModelTimes | undefined, said: readonly number[]): Pick<KeyKnowledge, 'run_ms' | 'load_ms'> {
  const load_ms = times?.load_ms ?? said.toSorted((a, b) => a - b)[Math.floor((said.length - 1) / 2)];
  return { run_ms: times?.run_ms ?? undefined, load_ms: clampLoad(load_ms) };
}
