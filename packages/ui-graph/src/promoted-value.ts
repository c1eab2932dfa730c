import { namedValues } from './named-values.ts';
import { DEEPEST, type Scope, SUBGRAPH_INPUT } from './scope.ts';
import type { UiNode, UiSubgraph } from './ui-schema.ts';

/** The value of a node's own control. */
export type OwnValue = (node: UiNode, control: string) => unknown;

/**
 * The value of a control that a subgraph's node shows for one of its inputs: set on that node, else the one of the
 * control inside.
 */
export function promotedValue(
  { node, definition }: Pick<NonNullable<Scope['host']>, 'node' | 'definition'>,
  index: number,
  { definitions, ownValue }: { definitions: ReadonlyMap<string, UiSubgraph>; ownValue: OwnValue },
  levels = DEEPEST,
): { value: unknown } | undefined {
  const set = setValue(node, definition, index);
  if (set !== undefined && set !== null) return { value: set };
  const inner = innerControl(definition, index);
  if (!inner) return undefined;
  const below = definitions.get(inner.node.type);
  if (below) {
    if (!levels) return undefined;
    const at = below.inputs?.findIndex(({ name }) => name === inner.slot) ?? -1;
    return at < 0
      ? undefined
      : promotedValue({ node: inner.node, definition: below }, at, { definitions, ownValue }, levels - 1);
  }
  const value = ownValue(inner.node, inner.control);
  return value === undefined ? undefined : { value };
}

function setValue(node: UiNode, definition: UiSubgraph, index: number): unknown {
  const name = definition.inputs?.[index]?.name;
  const named = namedValues(node);
  if (named && name && Object.hasOwn(named, name)) return named[name];
  const saved = node.widgets_values;
  if (!Array.isArray(saved)) return undefined;
  const proxies = node.properties?.proxyWidgets;
  const at = Array.isArray(proxies)
    ? placeAmongProxies(proxies, definition, index)
    : placeAmongInputs(definition, index);
  return at < 0 ? undefined : saved[at];
}

/** Files of some versions list what is shown on the node: `["-1", input]`, or `[inner node, its control]`. */
function placeAmongProxies(proxies: readonly unknown[], definition: UiSubgraph, index: number): number {
  const name = definition.inputs?.[index]?.name;
  const inner = innerControl(definition, index);
  return proxies.findIndex((proxy) => {
    if (!Array.isArray(proxy)) return false;
    const [id, control] = proxy.map(String);
    return (id === '-1' && control === name) || (id === inner?.node.id && control === inner?.control);
  });
}

function placeAmongInputs(definition: UiSubgraph, index: number): number {
  if (!innerControl(definition, index)) return -1;
  return (definition.inputs ?? []).slice(0, index).filter((_, before) => innerControl(definition, before)).length;
}

/** The control inside that an input of a subgraph stands for: the first that it is connected to. */
function innerControl(
  { links, nodes }: UiSubgraph,
  index: number,
): { node: UiNode; slot: string; control: string } | undefined {
  for (const { from, fromSlot, to, toSlot } of links) {
    if (from !== SUBGRAPH_INPUT || fromSlot !== index) continue;
    const node = nodes.find(({ id }) => id === to);
    const slot = node?.inputs?.[toSlot];
    if (node && slot?.widget) return { node, slot: slot.name, control: slot.widget.name ?? slot.name };
  }
  return undefined;
}
