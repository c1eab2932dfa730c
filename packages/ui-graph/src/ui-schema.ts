import * as z from 'zod/mini';

/** Node ids are numbers, or texts in files of newer editors. */
const nodeId = z.pipe(
  z.union([z.number(), z.string()]),
  z.transform((id) => String(id)),
);

const linkArray = z.pipe(
  z.tuple([z.number(), nodeId, z.number(), nodeId, z.number()], z.unknown()),
  z.transform(([id, from, fromSlot, to, toSlot]) => ({ id, from, fromSlot, to, toSlot })),
);

const linkObject = z.pipe(
  z.looseObject({
    id: z.number(),
    origin_id: nodeId,
    origin_slot: z.number(),
    target_id: nodeId,
    target_slot: z.number(),
  }),
  z.transform(({ id, origin_id, origin_slot, target_id, target_slot }) => ({
    id,
    from: origin_id,
    fromSlot: origin_slot,
    to: target_id,
    toSlot: target_slot,
  })),
);

/** A connection: `fromSlot` counts the outputs of `from`, `toSlot` the inputs of `to`. */
export type UiLink = z.output<typeof linkObject>;

const slot = z.looseObject({
  name: z.catch(z.string(), ''),
  // lists of choices in old files
  type: z.optional(z.unknown()),
  link: z.optional(z.nullable(z.number())),
  widget: z.catch(z.optional(z.nullable(z.looseObject({ name: z.optional(z.string()) }))), undefined),
});

/** An input or an output of a node. */
export type UiSlot = z.output<typeof slot>;

const slots = z._default(z.nullable(z.array(slot)), []);

const node = z.looseObject({
  id: nodeId,
  type: z.string(),
  title: z.catch(z.optional(z.nullable(z.string())), undefined),
  mode: z.catch(z.optional(z.nullable(z.number())), undefined),
  inputs: slots,
  outputs: slots,
  widgets_values: z.optional(z.unknown()),
  widgets_values_named: z.optional(z.unknown()),
  properties: z.catch(z.optional(z.nullable(z.record(z.string(), z.unknown()))), undefined),
});

/** A node as the editor saves it. */
export type UiNode = z.output<typeof node>;

// gone links leave nulls behind
const links = z.pipe(
  z._default(z.nullable(z.array(z.nullable(z.union([linkArray, linkObject])))), []),
  z.transform((links) => (links ?? []).filter((link) => link !== null)),
);

const subgraph = z.looseObject({
  id: z.string(),
  name: z.catch(z.string(), ''),
  nodes: z.array(node),
  links,
  inputs: slots,
  outputs: slots,
});

/** A subgraph that nodes may have as their type. */
export type UiSubgraph = z.output<typeof subgraph>;

const groupNode = z.looseObject({
  nodes: z.array(z.looseObject({ ...node.shape, id: z._default(nodeId, '') })),
  // no origin: what comes from outside
  links: z._default(z.array(z.tuple([z.nullable(z.number()), z.number(), z.number(), z.number()], z.unknown())), []),
  external: z.optional(
    z.array(
      z.tuple(
        [z.union([z.number(), z.nullable(z.looseObject({ index: z.optional(z.number()) }))]), z.number()],
        z.unknown(),
      ),
    ),
  ),
});

/** A group of nodes that a node stands for, as files had it before subgraphs. */
export type GroupNode = z.output<typeof groupNode>;

/** What a file of the editor has. */
export const uiFile = z.looseObject({
  last_node_id: z.optional(z.nullable(z.number())),
  nodes: z.array(node),
  links,
  definitions: z.optional(z.nullable(z.looseObject({ subgraphs: z.optional(z.nullable(z.array(subgraph))) }))),
  extra: z.optional(z.nullable(z.looseObject({ groupNodes: z.optional(z.record(z.string(), groupNode)) }))),
});

/** A file of the editor. */
export type UiFile = z.output<typeof uiFile>;
