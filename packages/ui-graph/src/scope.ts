import type { UiLink, UiNode, UiSubgraph } from './ui-schema.ts';

/** Modes of a node that keep it out of what runs. */
export const MUTED = 2;
/** Mode of a node that passes on what comes in. */
export const BYPASSED = 4;

/** Ids, inside a subgraph, of what stands for its inputs and its outputs. */
export const SUBGRAPH_INPUT = '-10';
export const SUBGRAPH_OUTPUT = '-20';

/** Subgraphs inside each other: more can only be one that contains itself. */
export const DEEPEST = 64;

/** One level of a graph: its top, or one use of a subgraph. */
export class Scope {
  readonly nodes: ReadonlyMap<string, UiNode>;
  readonly links: ReadonlyMap<number, UiLink>;
  /** Before the ids of its nodes: `19:` for the subgraph that is node 19. */
  readonly prefix: string;
  /** Whose inside it is. */
  readonly host: { scope: Scope; node: UiNode; definition: UiSubgraph } | undefined;
  readonly definitions: ReadonlyMap<string, UiSubgraph>;
  readonly #inside = new Map<string, Scope>();

  constructor(
    { nodes, links }: { nodes: readonly UiNode[]; links: readonly UiLink[] },
    definitions: ReadonlyMap<string, UiSubgraph>,
    host?: Scope['host'],
  ) {
    this.nodes = new Map(nodes.map((node) => [node.id, node]));
    this.links = new Map(links.map((link) => [link.id, link]));
    this.definitions = definitions;
    this.host = host;
    this.prefix = host ? `${host.scope.prefix}${host.node.id}:` : '';
  }

  /** The inside of a node that is a subgraph; `undefined` for every other node. */
  inside(node: UiNode): Scope | undefined {
    const definition = this.definitions.get(node.type);
    if (!definition) return undefined;
    if (this.prefix.split(':').length > DEEPEST)
      throw new Error(`Subgraph "${definition.name}" (node ${node.id}) contains itself.`);
    const known = this.#inside.get(node.id);
    const scope = known ?? new Scope(definition, this.definitions, { scope: this, node, definition });
    this.#inside.set(node.id, scope);
    return scope;
  }
}
