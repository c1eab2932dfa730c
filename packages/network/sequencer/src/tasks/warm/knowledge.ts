// What the rule of warm routing is told. Times are in milliseconds; moments are by the database's clock.
import type { WaitingLine } from '../turns.ts';

/** A model that a miner holds. */
export interface HeldModel {
  key: string;
  /** What loading it costs this miner, as measured; undefined if that is not known. */
  load_ms?: number | undefined;
}

/** Waiting tasks that are served one after the other. */
export interface ModelLine extends WaitingLine {
  /** Whatever tells lines apart for the caller; those of one workflow may differ in their models. */
  id: string;
  /** The models that its tasks need; undefined if that is not known. */
  model_key?: string | undefined;
  /** Since when claims that could have taken its first task have left it; undefined if none has. */
  passed_since?: number | undefined;
  /** Whether any miner that holds its models takes from it: they may run other workflows. Default: they do. */
  has_takers?: boolean | undefined;
}

/** A miner that asks for a task. */
export interface WarmClaimant {
  /** The lines that it may take from. Default: all. */
  lines?: ReadonlySet<string> | undefined;
  /** The models that it holds, most recent first. Undefined: it says nothing of models. */
  warm?: readonly HeldModel[] | undefined;
  /** How many models it can hold at once, as far as is known: the most that it has said to hold. */
  slots?: number | undefined;
  /** What loading other models costs it, by key, where that is known. */
  loads?: ReadonlyMap<string, number> | undefined;
  /** It still runs a task, and claims the next one ahead. */
  isAhead?: boolean | undefined;
}

/** What is known of a model over all live miners. */
export interface KeyKnowledge {
  /** How many live miners hold it. */
  holders: number;
  /** The time until each of them is free, added up: 0 if all are idle. */
  busy_ms: number;
  /** How long a warm run takes in the mean; undefined if that is not known. */
  run_ms?: number | undefined;
  /** What loading it costs in the mean; undefined if that is not known. */
  load_ms?: number | undefined;
}

/** What a claim is decided by. */
export interface RoutingInput {
  lines: readonly ModelLine[];
  /** In the order in which they asked. */
  claimants: readonly WarmClaimant[];
  /** By model key; a `Map` is one. Asked for what is needed only. */
  knowledge: { get(key: string): KeyKnowledge | undefined };
  now: number;
}

/** What one claimant gets. */
export interface Assignment {
  /** The place of the claimant in the input. */
  claimant: number;
  /** The id of the line. */
  line: string;
  /** Whether the claimant holds the line's models; undefined if the line's key or what the claimant holds is not known. */
  isWarm: boolean | undefined;
}

/** Who takes from which line. */
export interface Routing {
  /** In the order in which they are to be handed out. At most one for each claimant. */
  assignments: Assignment[];
  /** Claimants that get nothing although they could: they leave it to warm ones. */
  leaving: number[];
  /**
   * By id, since when the first task of each line has been passed by. Lines that are not in it forget theirs: their first
   * task was taken, or none is passed by.
   */
  passed: Map<string, number>;
  /** When claimants that are left with nothing must be asked again at the latest; undefined if new work or time changes nothing. */
  look_again_at: number | undefined;
}

/** However long a miner says that a load takes, no longer one counts. */
export const MAX_LOAD_MS = 5 * 60_000;
/** A head of a line may be passed by for this long, or for as long as its models take to load, if that is longer. */
export const LEAST_PATIENCE_MS = 30_000;

/** A load time as it counts; undefined if it is none. The one place where absurd ones are clamped. */
export function clampLoad(load_ms: number | undefined): number | undefined {
  if (load_ms === undefined || Number.isNaN(load_ms)) return undefined;
  return Math.min(Math.max(load_ms, 0), MAX_LOAD_MS);
}
