import type { FoundParameter } from '../found-parameter.ts';

/** What was found in a graph: what its users will set, and what stays. Plain data, which a page or a person may change. */
export interface GraphPlan {
  options: FoundParameter[];
  /** Inputs that keep the graph's value. */
  fixed: FixedInput[];
  /** Nodes whose results are kept, the main one first. */
  outputs: PlannedOutput[];
  /** What is worth knowing: what was guessed, what cannot work, what stays behind. */
  notes: Note[];
}

/** An input that keeps the graph's value. */
export interface FixedInput {
  node: string;
  class_type: string;
  input: string;
  value: unknown;
}

/** A node whose result is kept. */
export interface PlannedOutput {
  node: string;
  class_type: string;
  makes: Makes;
}

/** What a node makes. */
export type Makes = 'image' | 'video' | 'audio' | 'text' | 'file';

/** Something about a graph, in one sentence or two. */
export interface Note {
  node?: string;
  input?: string;
  message: string;
}
