import type { GraphValidation, NodeErrors } from '@heurist/comfyui';

/** What is said of a graph, in a form in which a server and the validator can be compared. */
export interface Verdict {
  /** The server failed, and did not answer in its words. */
  failed?: true;
  /** Why nothing can run; absent if something can. */
  error?: string;
  /** Node id -> the types of its errors, sorted. */
  nodes?: Record<string, string[]>;
}

/** A verdict of nodes, and of the whole. */
export function verdictOf(error: string | undefined, nodeErrors: NodeErrors): Verdict {
  const nodes = Object.entries(nodeErrors).map(([id, { errors }]) => [id, errors.map(({ type }) => type).toSorted()]);
  return { ...(error && { error }), ...(nodes.length && { nodes: Object.fromEntries(nodes.toSorted()) }) };
}

/** What the validator says. */
export function ourVerdict({ error, nodeErrors }: GraphValidation): Verdict {
  return verdictOf(error?.type, nodeErrors);
}

/** Whether something can run. */
export const isTaken = ({ failed, error }: Verdict) => !failed && !error;
