import { type OwnValue, promotedValue } from './promoted-value.ts';
import { BYPASSED, MUTED, type Scope, SUBGRAPH_INPUT, SUBGRAPH_OUTPUT } from './scope.ts';
import type { UiLink, UiNode, UiSlot } from './ui-schema.ts';

/** Where an input gets its value from. */
export type Source = { link: [id: string, output: number] } | { value: unknown; primitive?: string };

/** Nodes of the editor alone that pass on their first input. */
const PASSING = new Set(['Reroute', 'Reroute (rgthree)', 'SetNode']);

/** Follows a link through reroutes, bypassed nodes and the walls of subgraphs; `undefined` if it leads to nothing. */
export function followLink(scope: Scope, link: UiLink | undefined, ownValue: OwnValue): Source | undefined {
  let at: Place | undefined = link && { scope, link };
  /** What the subgraph around shows for the input, and is used if a primitive does not reach it. */
  let shown: Source | undefined;
  let isRerouted = false;
  // reroutes may go in a circle
  for (const met = new Set<string>(); at && !met.has(nameOf(at)); ) {
    met.add(nameOf(at));
    const { scope, link }: Place = at;
    const node = scope.nodes.get(link.from);
    if (link.from === SUBGRAPH_INPUT) {
      shown = shownValue(scope, link, ownValue);
      isRerouted = false;
      at = hostLink(scope, link);
      if (!at) return shown;
    } else if (node?.type === 'PrimitiveNode') {
      // the editor writes it into the controls that it is connected to, muted or not, and a reroute has none
      return isRerouted ? shown : primitive(scope, node);
    } else if (!node || node.mode === MUTED) return undefined;
    else if (isSource(scope, node)) return { link: [scope.prefix + link.from, link.fromSlot] };
    else {
      isRerouted ||= PASSING.has(node.type);
      at = passedOn(scope, node, link);
    }
  }
  return undefined;
}

interface Place {
  scope: Scope;
  link: UiLink;
}

/** Uses of a subgraph share its links. */
const nameOf = ({ scope, link }: Place) => `${scope.prefix} ${link.id}`;

function isSource(scope: Scope, node: UiNode): boolean {
  return node.mode !== BYPASSED && !PASSING.has(node.type) && node.type !== 'GetNode' && !scope.inside(node);
}

/** From the output of a node that makes nothing itself to what it passes on. */
function passedOn(scope: Scope, node: UiNode, { fromSlot }: UiLink): Place | undefined {
  if (node.mode === BYPASSED) return linkOf(scope, bypass(node, fromSlot));
  if (PASSING.has(node.type)) return linkOf(scope, node.inputs?.[0]);
  if (node.type === 'GetNode') return linkOf(scope, setterOf(scope, node)?.inputs?.[0]);
  const inside = scope.inside(node)!;
  const link = [...inside.links.values()].find(({ to, toSlot }) => to === SUBGRAPH_OUTPUT && toSlot === fromSlot);
  return link && { scope: inside, link };
}

function linkOf(scope: Scope, slot: UiSlot | undefined): Place | undefined {
  const link = slot?.link == null ? undefined : scope.links.get(slot.link);
  return link && { scope, link };
}

/** The link that an input of a subgraph has outside. */
function hostLink({ host }: Scope, { fromSlot }: UiLink): Place | undefined {
  const name = host?.definition.inputs?.[fromSlot]?.name;
  return (
    host &&
    linkOf(
      host.scope,
      host.node.inputs?.find((slot) => slot.name === name),
    )
  );
}

function shownValue({ host, definitions }: Scope, { fromSlot }: UiLink, ownValue: OwnValue): Source | undefined {
  return host && promotedValue(host, fromSlot, { definitions, ownValue });
}

/** The input that a bypassed node passes on: the one in the same place if it fits, else the first that does. */
function bypass({ inputs, outputs }: UiNode, output: number): UiSlot | undefined {
  const type = outputs?.[output]?.type;
  const same = inputs?.[output];
  if (same && fits(same.type, type)) return same;
  return inputs?.find((input) => input.type === type) ?? inputs?.find((input) => fits(input.type, type));
}

function fits(input: unknown, output: unknown): boolean {
  return input === output || input === '*' || output === '*';
}

function primitive({ prefix }: Scope, { id, widgets_values }: UiNode): Source | undefined {
  if (!Array.isArray(widgets_values) || !widgets_values.length) return undefined;
  return { value: widgets_values[0], primitive: prefix + id };
}

/** The node "Set" of the same name as a node "Get". */
function setterOf(scope: Scope, getter: UiNode): UiNode | undefined {
  const calledBy = ({ widgets_values }: UiNode) => (Array.isArray(widgets_values) ? widgets_values[0] : undefined);
  return [...scope.nodes.values()].find((node) => node.type === 'SetNode' && calledBy(node) === calledBy(getter));
}
