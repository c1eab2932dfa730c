import type { UiFile, UiLink, UiNode, UiSubgraph } from './ui-schema.ts';

/**
 * The nodes of a file, and its subgraphs, whose nodes have ids of their own. The editor renames those that the graph above or an earlier subgraph has
 * already: the ids in its exports, and in what a server reports, are the new ones.
 */
export function withUniqueIds(file: UiFile): { nodes: UiNode[]; subgraphs: UiSubgraph[] } {
  const { nodes, last_node_id, definitions } = file;
  const renames = new Map<string, ReadonlyMap<string, string>>();
  const used = new Set(nodes.map(({ id }) => id));
  let last = Math.max(0, last_node_id ?? 0, ...[...used].map(Number).filter(Number.isFinite));
  const subgraphs = (definitions?.subgraphs ?? []).map((subgraph) => {
    const renamed = new Map<string, string>();
    for (const { id } of subgraph.nodes) {
      if (used.has(id)) {
        do last++;
        while (used.has(String(last)));
        renamed.set(id, String(last));
      }
      used.add(renamed.get(id) ?? id);
    }
    renames.set(subgraph.id, renamed);
    return renamed.size ? rename(subgraph, renamed) : subgraph;
  });
  const update = (node: UiNode) => withProxies(node, renames.get(node.type));
  return {
    nodes: nodes.map(update),
    subgraphs: subgraphs.map((subgraph) => ({ ...subgraph, nodes: subgraph.nodes.map(update) })),
  };
}

/** A node that shows controls of its subgraph names the nodes that have them. */
function withProxies(node: UiNode, renamed: ReadonlyMap<string, string> = new Map()): UiNode {
  const proxies = node.properties?.proxyWidgets;
  if (!renamed.size || !Array.isArray(proxies)) return node;
  const proxyWidgets = proxies.map((proxy) =>
    Array.isArray(proxy) ? [renamed.get(String(proxy[0])) ?? proxy[0], ...proxy.slice(1)] : proxy,
  );
  return { ...node, properties: { ...node.properties, proxyWidgets } };
}

function rename(subgraph: UiSubgraph, renamed: ReadonlyMap<string, string>): UiSubgraph {
  const now = (id: string) => renamed.get(id) ?? id;
  return {
    ...subgraph,
    nodes: subgraph.nodes.map((node) => ({ ...node, id: now(node.id) })),
    links: subgraph.links.map((link): UiLink => ({ ...link, from: now(link.from), to: now(link.to) })),
  };
}
