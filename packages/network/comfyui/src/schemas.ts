import * as z from 'zod/mini';
import type { ObjectInfo } from './validation/object-info.ts';

// ComfyUI's replies: loose, since every version adds fields, and only what this client reads.

const nodeError = z.looseObject({
  errors: z.array(z.looseObject({ type: z.string(), message: z.string(), details: z._default(z.string(), '') })),
  class_type: z._default(z.string(), ''),
});

/** Errors by node id. */
const nodeErrorsSchema = z.record(z.string(), nodeError);

/** ComfyUI's `node_errors`: what is wrong with each node. */
export type NodeErrors = Record<
  string,
  { errors: { type: string; message: string; details: string }[]; class_type: string }
>;

export const submitReplySchema = z.looseObject({
  prompt_id: z.string(),
  number: z.number(),
  node_errors: z._default(z.union([nodeErrorsSchema, z.array(z.unknown())]), {}),
});

export const submitErrorSchema = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({ type: z.string(), message: z.string(), details: z._default(z.string(), '') }),
  ]),
  node_errors: z._default(z.union([nodeErrorsSchema, z.array(z.unknown())]), {}),
});

/** `[number, prompt_id, ...]` */
const queueItem = z.tuple([z.number(), z.string()], z.unknown());

export const queueSchema = z.looseObject({ queue_running: z.array(queueItem), queue_pending: z.array(queueItem) });

/** What custom nodes and extensions write may be anything: what cannot be read of it says nothing, and spoils nothing. */
const record = z.record(z.string(), z.unknown());
const message = z.catch(z.tuple([z.string(), record]), ['', {}]);

const historyEntry = z.looseObject({
  outputs: z.catch(z.record(z.string(), z.catch(record, {})), {}),
  status: z.optional(
    z.pipe(
      z.nullable(
        z.looseObject({
          status_str: z.string(),
          completed: z.boolean(),
          messages: z.catch(z.array(message), []),
        }),
      ),
      z.transform((status) => status ?? undefined),
    ),
  ),
});

export const historySchema = z.record(z.string(), historyEntry);

/** How a prompt ended, as `/history` has it. */
export type HistoryEntry = z.infer<typeof historyEntry>;

export const uploadSchema = z.looseObject({ name: z.string(), subfolder: z._default(z.string(), '') });

/** One custom node that describes itself wrongly must not hide all the others. What its inputs say is read by the validator. */
const nodeInfo = z.looseObject({
  input: z.catch(z.looseObject({}), {}),
  output: z.catch(z.array(z.unknown()), []),
  output_node: z.catch(z.boolean(), false),
  python_module: z.catch(z.optional(z.string()), undefined),
});

export const objectInfoSchema = z.record(z.string(), nodeInfo) as z.ZodMiniType as z.ZodMiniType<ObjectInfo>;

export const modelNamesSchema = z.array(z.string());

/** `/experiment/models/{folder}`; `modified` in seconds since 1970. */
export const modelFilesSchema = z.array(z.looseObject({ name: z.string(), size: z.number(), modified: z.number() }));

/** `/customnode/installed` of ComfyUI-Manager: folder of a node pack -> what it is. */
export const nodePacksSchema = z.record(z.string(), z.looseObject({ ver: z.optional(z.nullable(z.string())) }));

export const systemStatsSchema = z.looseObject({
  system: z.looseObject({
    comfyui_version: z._default(z.string(), 'unknown'),
    pytorch_version: z.optional(z.string()),
  }),
  devices: z._default(z.array(z.looseObject({ name: z.string(), type: z.string() })), []),
});

/** A text frame of the socket. */
export const socketMessageSchema = z.looseObject({ type: z.string(), data: z.looseObject({}) });

/** A message of the socket; types beyond ComfyUI's own occur too. */
export type SocketMessage = { type: string; data: Record<string, unknown> };
