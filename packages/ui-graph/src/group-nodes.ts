import { SUBGRAPH_INPUT, SUBGRAPH_OUTPUT } from './scope.ts';
import type { GroupNode, UiFile, UiLink, UiNode, UiSubgraph } from './ui-schema.ts';

/** Before the name of a group in the type of its nodes. */
const GROUP_TYPE = /^workflow[/>](.+)$/s;

/**
 * The file with subgraphs in place of its group nodes, which came before them. A group's nodes have no ids: they count
 * from 0, and so do their ids in an export, `28:0`.
 */
export function withoutGroups(file: UiFile): { file: UiFile; groups: UiSubgraph[] } {
  const groups = file.extra?.groupNodes;
  if (!groups) return { file, groups: [] };
  const made: UiSubgraph[] = [];
  const replace = (node: UiNode): UiNode => {
    const name = GROUP_TYPE.exec(node.type)?.[1];
    const group = name !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (!group) return node;
    // each has values of its own
    const subgraph = toSubgraph(`${node.type} ${made.length}`, group, node);
    made.push(subgraph);
    return { ...node, type: subgraph.id, widgets_values: undefined };
  };
  const nodes = file.nodes.map(replace);
  const subgraphs = (file.definitions?.subgraphs ?? []).map((one) => ({ ...one, nodes: one.nodes.map(replace) }));
  return { file: { ...file, nodes, definitions: { subgraphs } }, groups: made };
}

function toSubgraph(id: string, group: GroupNode, host: UiNode): UiSubgraph {
  const inside = group.links.filter(([from]) => from !== null);
  const isFed = (node: number, slot: number) => inside.some(([, , to, toSlot]) => to === node && toSlot === slot);
  const isTaken = (node: number, slot: number) => inside.some(([from, fromSlot]) => from === node && fromSlot === slot);
  const isShown = (node: number, slot: number) =>
    group.external?.some(([of, ofSlot]) => (typeof of === 'number' ? of : of?.index) === node && ofSlot === slot);
  const places = group.nodes.map((node, index) => ({ node, index }));
  // what comes in from outside, and goes out, is what nothing inside uses, in the order of the nodes
  const open = places.flatMap(({ node, index }) =>
    (node.inputs ?? []).flatMap((input, slot) => (isFed(index, slot) || input.widget ? [] : [{ index, slot }])),
  );
  const out = places.flatMap(({ node, index }) =>
    (node.outputs ?? []).flatMap((_, slot) => (isTaken(index, slot) && !isShown(index, slot) ? [] : [{ index, slot }])),
  );
  const hostInputs = (host.inputs ?? []).filter(({ widget }) => !widget);
  let last = 0;
  const link = (from: string, fromSlot: number, to: string, toSlot: number): UiLink => {
    last++;
    return { id: last, from, fromSlot, to, toSlot };
  };
  const links = [
    ...inside.map(([from, fromSlot, to, toSlot]) => link(String(from), fromSlot, String(to), toSlot)),
    ...open.map(({ index, slot }, at) => link(SUBGRAPH_INPUT, at, String(index), slot)),
    ...out.map(({ index, slot }, at) => link(String(index), slot, SUBGRAPH_OUTPUT, at)),
  ];
  const linkTo = (node: number, slot: number) =>
    links.find(({ to, toSlot }) => to === String(node) && toSlot === slot)?.id ?? null;
  const values = valuesOf(group, host);
  return {
    id,
    name: host.type,
    nodes: places.map(({ node, index }) => ({
      ...node,
      id: String(index),
      widgets_values: values[index],
      inputs: (node.inputs ?? []).map((input, slot) => ({ ...input, link: linkTo(index, slot) })),
    })),
    links,
    inputs: hostInputs,
    outputs: host.outputs,
  };
}

/** The values of each node of a group: its node holds those of all, one after the other. */
function valuesOf({ nodes }: GroupNode, { widgets_values: all, id, type }: UiNode): unknown[] {
  const own = nodes.map(({ widgets_values }) => widgets_values ?? []);
  const counts = own.map((values) => (Array.isArray(values) ? values.length : 0));
  const sum = counts.reduce((total, count) => total + count, 0);
  if (!Array.isArray(all) || all.length !== sum)
    throw new Error(
      `The group node ${id} (${type}) has other values than its group: turn it into a subgraph in ComfyUI.`,
    );
  let begin = 0;
  return counts.map((count) => {
    begin += count;
    return all.slice(begin - count, begin);
  });
}
