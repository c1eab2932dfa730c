import { CONTROL } from './named-values.ts';
import type { NodeShapes } from './node-shapes.ts';
import type { GroupNode } from './ui-schema.ts';

/** A control that a group shows of one of its nodes. */
export interface GroupControl {
  /** Which node of the group. */
  index: number;
  /** Its name there. */
  control: string;
  /** Its name on the group's node. */
  name: string;
}

type Inner = GroupNode['nodes'][number];

/**
 * The controls of a group in the order in which its node holds their values: those of each node, and then those that became inputs
 * inside. One that is fed inside is not shown. `undefined` if it has classes whose controls are not known.
 */
export function groupControls({ nodes, links }: GroupNode, shapes: NodeShapes): GroupControl[] | undefined {
  const own = nodes.map((node, index) => {
    if (node.type !== 'PrimitiveNode') return controlsOf(node.type, shapes);
    return links.some(([from]) => from === index) ? ['value'] : [];
  });
  if (!own.every((names) => names !== undefined)) return undefined;
  const first: Omit<GroupControl, 'name'>[] = [];
  const last: Omit<GroupControl, 'name'>[] = [];
  for (const [index, node] of nodes.entries()) {
    const slots = own[index]!.map((control) => ({ index, control, slot: slotOf(node, control) }));
    first.push(...slots.filter(({ slot }) => slot < 0));
    // in the order of the texts of their places, as the editor sorts them
    const made = slots.filter(({ slot }) => slot >= 0).toSorted((a, b) => (`${a.slot}` < `${b.slot}` ? -1 : 1));
    last.push(
      ...made.filter(({ slot }) => !links.some(([from, , to, at]) => from !== null && to === index && at === slot)),
    );
  }
  return named([...first, ...last], nodes);
}

/** Which input a control of a node has become; -1 if it is none. */
export function slotOf({ inputs }: Pick<Inner, 'inputs'>, control: string): number {
  return (inputs ?? []).findIndex(({ name, widget }) => name === control && widget?.name === control);
}

function controlsOf(type: string, shapes: NodeShapes): string[] | undefined {
  const widgets = Object.hasOwn(shapes, type) ? shapes[type]!.widgets : undefined;
  // choices that bring more controls are younger than groups
  return widgets?.some(({ choices }) => choices) ? undefined : widgets?.map(({ name }) => name);
}

/** The second control of a name has that of its node before it, and the third a number as well. */
function named(controls: readonly Omit<GroupControl, 'name'>[], nodes: readonly Inner[]): GroupControl[] {
  const seen = new Map<string, number>();
  return controls.map(({ index, control }) => {
    const { type, title, inputs } = nodes[index]!;
    const label = inputs?.find(({ name }) => name === control)?.label;
    let name = typeof label === 'string' ? label : control;
    let key = name;
    if (seen.has(name) || (type === 'PrimitiveNode' && title)) {
      key = `${title ?? type} ${control}`;
      name = seen.has(key) ? `${title ?? type} ${seen.get(key)} ${control}` : key;
    }
    seen.set(key, (seen.get(key) ?? 1) + 1);
    return { index, control, name };
  });
}

/** A value for each control from the list of the group's node; `undefined` if the list has more or fewer. */
export function controlValues(controls: readonly GroupControl[], all: readonly unknown[]): unknown[] | undefined {
  let place = 0;
  const values = controls.map(() => {
    const value = all[place++];
    if (CONTROL.has(all[place]) && !CONTROL.has(value)) place++;
    return value;
  });
  return place === all.length ? values : undefined;
}
