import { controlValues, type GroupControl, groupControls, slotOf } from './group-controls.ts';
import { namedValues } from './named-values.ts';
import type { NodeShapes } from './node-shapes.ts';
import { SUBGRAPH_INPUT, SUBGRAPH_OUTPUT } from './scope.ts';
import type { GroupNode, UiFile, UiLink, UiNode, UiSlot, UiSubgraph } from './ui-schema.ts';
import { widgetValues } from './widget-values.ts';

/** Before the name of a group in the type of its nodes. */
const GROUP_TYPE = /^workflow[/>](.+)$/s;

/**
 * The file with subgraphs in place of its group nodes, which came before them. A group's nodes have no ids: they count
 * from 0, and so do their ids in an export, `28:0`.
 */
export function withoutGroups(file: UiFile, shapes: NodeShapes): { file: UiFile; groups: UiSubgraph[] } {
  const groups = file.extra?.groupNodes;
  if (!groups) return { file, groups: [] };
  const made: UiSubgraph[] = [];
  const replace = (node: UiNode): UiNode => {
    const name = GROUP_TYPE.exec(node.type)?.[1];
    const group = name !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (!group) return node;
    // each has values of its own
    const subgraph = toSubgraph(`${node.type} ${made.length}`, group, node, shapes);
    made.push(subgraph);
    return { ...node, type: subgraph.id, widgets_values: undefined };
  };
  const nodes = file.nodes.map(replace);
  const subgraphs = (file.definitions?.subgraphs ?? []).map((one) => ({ ...one, nodes: one.nodes.map(replace) }));
  return { file: { ...file, nodes, definitions: { subgraphs } }, groups: made };
}

function toSubgraph(id: string, group: GroupNode, host: UiNode, shapes: NodeShapes): UiSubgraph {
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
  const controls = groupControls(group, shapes);
  const fed = fedControls(host, controls ?? []);
  const inner = places.map(({ node, index }) => ({
    ...node,
    inputs: withSlots(
      node.inputs ?? [],
      fed.filter((one) => one.control.index === index).map(({ control }) => control.control),
    ),
  }));
  const plain = (host.inputs ?? []).filter(({ widget }) => !widget).slice(0, open.length);
  let last = 0;
  const link = (from: string, fromSlot: number, to: string, toSlot: number): UiLink => {
    last++;
    return { id: last, from, fromSlot, to, toSlot };
  };
  const links = [
    ...inside.map(([from, fromSlot, to, toSlot]) => link(String(from), fromSlot, String(to), toSlot)),
    ...open.map(({ index, slot }, at) => link(SUBGRAPH_INPUT, at, String(index), slot)),
    ...fed.map(({ control: { index, control } }, at) =>
      link(SUBGRAPH_INPUT, plain.length + at, String(index), slotOf(inner[index]!, control)),
    ),
    ...out.map(({ index, slot }, at) => link(String(index), slot, SUBGRAPH_OUTPUT, at)),
  ];
  const linkTo = (node: number, slot: number) =>
    links.find(({ to, toSlot }) => to === String(node) && toSlot === slot)?.id ?? null;
  const values = controls ? valuesByName(group, controls, host, shapes) : valuesInOrder(group, host);
  return {
    id,
    name: host.type,
    nodes: inner.map((node, index) => ({
      ...node,
      id: String(index),
      widgets_values: values[index],
      inputs: node.inputs.map((input, slot) => ({ ...input, link: linkTo(index, slot) })),
    })),
    links,
    inputs: [...plain, ...fed.map(({ input }) => input)],
    outputs: host.outputs,
  };
}

/** The inputs of a group's node that feed its controls. */
function fedControls(
  { inputs }: UiNode,
  controls: readonly GroupControl[],
): { input: UiSlot; control: GroupControl }[] {
  return (inputs ?? []).flatMap((input) => {
    const control = controls.find(({ name }) => input.widget && name === (input.widget.name ?? input.name));
    return control && input.link != null ? [{ input, control }] : [];
  });
}

/** With a slot for each of these controls. */
function withSlots(inputs: readonly UiSlot[], controls: readonly string[]): UiSlot[] {
  const missing = controls.filter((control) => slotOf({ inputs: [...inputs] }, control) < 0);
  return [...inputs, ...missing.map((name) => ({ name, widget: { name } }))];
}

/** The values of each node of a group by name: those that its node holds, and its own for what it does not show. */
function valuesByName(
  group: GroupNode,
  controls: readonly GroupControl[],
  host: UiNode,
  shapes: NodeShapes,
): unknown[] {
  const named = namedValues(host);
  const list = Array.isArray(host.widgets_values) ? host.widgets_values : [];
  const values = named ? controls.map(({ name }) => named[name]) : controlValues(controls, list);
  if (!values) throw doesNotFit(host);
  return group.nodes.map((node, index) => {
    const own = controls.flatMap((one, place) => (one.index === index ? [[one.control, values[place]] as const] : []));
    if (node.type === 'PrimitiveNode') return own.length ? [own[0]![1]] : node.widgets_values;
    const inside = widgetValues({ ...node, id: `${index}` }, shapes[node.type]!.widgets);
    return { ...Object.fromEntries(inside), ...Object.fromEntries(own) };
  });
}

/** The same for classes that nobody described: the node holds the values of all nodes, one after the other. */
function valuesInOrder({ nodes }: GroupNode, host: UiNode): unknown[] {
  const own = nodes.map(({ widgets_values }) => widgets_values ?? []);
  const counts = own.map((values) => (Array.isArray(values) ? values.length : 0));
  const sum = counts.reduce((total, count) => total + count, 0);
  const { widgets_values: all } = host;
  if (!Array.isArray(all) || all.length !== sum) throw doesNotFit(host);
  let begin = 0;
  return counts.map((count) => {
    begin += count;
    return all.slice(begin - count, begin);
  });
}

function doesNotFit({ id, type }: UiNode): Error {
  return new Error(
    `The group node ${id} (${type}) has other values than its group: turn it into a subgraph in ComfyUI.`,
  );
}
