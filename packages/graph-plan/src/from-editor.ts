import { printableLine } from '@heurist/core/protocol';
import { type Conversion, convertUiGraph, type UnknownNode } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { PlanError } from './plan-error.ts';

/** The node classes that a file of the editor may use. */
export interface KnownNodes {
  shapes(): Promise<NodeShapes>;
  /** Address of the ComfyUI that they are of, without a password; absent for the recording. */
  server?: string;
  /** Called with what the user should know of a file that was converted. */
  note?(text: string): void;
}

/** The nodes of ComfyUI itself, as they were recorded. */
export const recordedNodes: KnownNodes = {
  shapes: async () => (await import('@heurist/ui-graph/recorded-shapes')).recordedShapes(),
};

/** What is known of nodes: what the server says, and of classes that it lacks, what is recorded. */
export async function knownShapes(known: KnownNodes): Promise<NodeShapes> {
  if (known === recordedNodes) return await known.shapes();
  const [recorded, theirs] = await Promise.all([recordedNodes.shapes(), known.shapes()]);
  return { ...recorded, ...theirs };
}

/** How many nodes a message names. */
const MOST_NAMED = 5;

/**
 * Converts a file of the editor to API format.
 *
 * @throws {PlanError} `invalid_input` that names the nodes which are not known, and says what to do
 */
export async function fromEditor(
  json: unknown,
  path: string,
  known: KnownNodes,
): Promise<Pick<Conversion, 'graph' | 'primitives'>> {
  const { graph, unknown, assumed, primitives } = convert(json, path, await known.shapes(), known.server === undefined);
  if (assumed.length && !unknown.length)
    known.note?.(
      `"${path}" uses nodes that are not known here: ${listed(assumed)}. Their values were taken by the names in the file. ${wayOut(assumed, known)}`,
    );
  if (!unknown.length) return { graph, primitives };
  const lost = unknown.filter(({ type }) => SUBGRAPH.test(type));
  if (lost.length)
    throw new PlanError(
      `"${path}" uses subgraphs that it does not contain: ${listed(lost)}. Open it in the ComfyUI that has them, and save it again.`,
    );
  throw new PlanError(
    `"${path}" uses nodes that are not known ${known.server ? 'there' : 'here'}: ${listed(unknown)}. ${wayOut(unknown, known)}`,
    { needsServer: known.server === undefined },
  );
}

/** The type of a node that is a subgraph: its id. */
const SUBGRAPH = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function listed(nodes: readonly UnknownNode[]): string {
  const more = nodes.length > MOST_NAMED ? `, and ${nodes.length - MOST_NAMED} more` : '';
  return `${nodes.slice(0, MOST_NAMED).map(describe).join(', ')}${more}`;
}

/** What to do about nodes that are not known. */
function wayOut(unknown: readonly UnknownNode[], { server }: KnownNodes): string {
  const packs = [...new Set(unknown.map(({ pack }) => pack).filter((pack) => pack && pack !== 'comfy-core'))];
  const install = packs.length ? `the node pack${packs.length > 1 ? 's' : ''} ${packs.map(quote).join(', ')}` : 'them';
  return server
    ? `Install ${packs.length ? install : 'the node packs that have them'} in the ComfyUI at ${server}, or update it.`
    : `Pass --comfyui with the address of a ComfyUI that has ${install}.`;
}

function convert(json: unknown, path: string, shapes: NodeShapes, trustsNames: boolean) {
  try {
    return convertUiGraph(json, shapes, { trustsNames });
  } catch (cause) {
    const problem = printableLine((cause as Error).message);
    throw new PlanError(`"${path}" cannot be converted. ${problem} Save it again in ComfyUI.`, { cause });
  }
}

/** Names in a file are anybody's text. */
const quote = (text: unknown) => printableLine(String(text)).slice(0, 100);

function describe({ id, type, choice }: UnknownNode): string {
  const what = choice ? ` with ${quote(choice.input)} "${quote(choice.value)}"` : '';
  return `${quote(type)} (node ${quote(id)})${what}`;
}
