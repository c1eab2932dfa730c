import type { UiFile, UiLink, UiSubgraph } from './ui-schema.ts';

/**
 * Subgraphs whose nodes have ids of their own. The editor renames those that the graph above or an earlier subgraph has
 * already: the ids in its exports, and in what a server reports, are the new ones.
 */
export function withUniqueIds({ nodes, last_node_id, definitions }: UiFile): UiSubgraph[] {
  const subgraphs = definitions?.subgraphs ?? [];
  const used = new Set(nodes.map(({ id }) => id));
  let last = Math.max(0, last_node_id ?? 0, ...[...used].map(Number).filter(Number.isFinite));
  return subgraphs.map((subgraph) => {
    const renamed = new Map<string, string>();
    for (const { id } of subgraph.nodes) {
      if (used.has(id)) {
        do last++;
        while (used.has(String(last)));
        renamed.set(id, String(last));
      }
      used.add(renamed.get(id) ?? id);
    }
    return renamed.size ? rename(subgraph, renamed) : subgraph;
  });
}

function rename(subgraph: UiSubgraph, renamed: ReadonlyMap<string, string>): UiSubgraph {
  const now = (id: string) => renamed.get(id) ?? id;
  return {
    ...subgraph,
    nodes: subgraph.nodes.map((node) => ({ ...node, id: now(node.id) })),
    links: subgraph.links.map((link): UiLink => ({ ...link, from: now(link.from), to: now(link.to) })),
  };
}
