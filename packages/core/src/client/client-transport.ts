import { monotonicClock } from '@heurist/server-kit/clock';
import * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';
import { networkStatusSchema } from '../wire/network-status.ts';
import { PROTOCOL_HEADER } from '../wire/protocol-version.ts';
import { hideKeyIn } from '../wire/redact.ts';
import { string } from '../wire/reply-fields.ts';
import { revokedSessionsSchema, sessionSchema } from '../wire/session.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { taskResultSchema } from '../wire/task-result-schema.ts';
import type { CallOptions, Transport } from '../wire/transport.ts';
import { createTransport } from '../wire/transport.ts';
import { fileSlotSchema } from '../wire/upload-slot.ts';
import type { HeuristOptions } from './client-options.ts';
import type { DownloadSettings } from './files/download.ts';
import { fetchFiles } from './files/fetch-files.ts';
import { withFiles } from './files/output-file.ts';
import { createLane } from './shared/lane.ts';
import { createSubmits } from './shared/submits.ts';

const results = z.looseObject({ results: z.array(z.unknown()) });

/** Call -> schema of its reply. */
const replies = {
  task_create: z.looseObject({ task_id: string() }),
  task_result_query: taskResultSchema,
  tasks_create: results,
  tasks_query: results,
  task_cancel: z.looseObject({ task_id: string(), msg: string() }),
  network_status: networkStatusSchema,
  webhook_secret: z.looseObject({ secret: string() }),
  file_create: fileSlotSchema,
  session_create: sessionSchema,
  session_revoke: revokedSessionsSchema,
};

type Replies = typeof replies;

/** The calls of a client: as {@link Transport}, but the reply follows from the name. */
export interface ClientTransport extends Pick<Transport, 'open' | 'put'> {
  call<Name extends keyof Replies>(name: Name, body: object, options?: CallOptions): Promise<z.output<Replies[Name]>>;
  /** How outputs are fetched. */
  files(): DownloadSettings;
}

/**
 * @param options - with the address, whether from the environment or not
 * @throws {HeuristError} `invalid_configuration`
 */
export function createClientTransport(options: HeuristOptions): ClientTransport {
  const headers = headersOf(options.headers);
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  if (typeof send !== 'function') throw invalid(`\`fetch\` must be a function (got ${typeof send}).`);
  const transport = createTransport(options.workflowURL, options.allowInsecureHttp ?? false, headers, {
    auth: options.auth,
    fetch: send,
    fetchFiles: (origin) => fetchFiles(send, origin, headers),
  });
  const files = () => ({ fetch: transport.fetchFiles });
  const call: ClientTransport['call'] = async (name, body, callOptions) => {
    const reply = await transport.call(name, body, schemaOf(name), callOptions);
    const { results = [] } = reply as { results?: readonly unknown[] };
    for (const spoken of [reply, ...results]) hideKeyIn(spoken, callOptions?.credentials?.api_key);
    if (name === 'task_result_query') withFiles(reply as WorkflowTaskResult, files);
    return reply;
  };
  return { ...transport, files, call: inTurn(call, transport.isOurs) };
}

/** Calls that come by the hundred take turns: each at the same time as others would take a connection of its own. */
function inTurn(call: ClientTransport['call'], isOurs: () => boolean): ClientTransport['call'] {
  const lane = createLane({ most: 2, longMs: 3000, mostFar: 32, clock: monotonicClock });
  const one = (body: object, options: CallOptions) => call('task_create', body, options);
  const many = (body: object, options: CallOptions) => call('tasks_create', body, options);
  const submit = createSubmits({ one, many, isOurs }, lane, monotonicClock);
  return async <Name extends keyof Replies>(name: Name, body: object, options?: CallOptions) => {
    if (name === 'task_create') return (await submit(body, options)) as z.output<Replies[Name]>;
    const begin = () => call(name, body, options);
    return await (name === 'tasks_query' ? lane(begin, options?.signal) : begin());
  };
}

/** A lookup in a generic map, which TypeScript cannot follow into the schema's output. */
function schemaOf<Name extends keyof Replies>(name: Name) {
  return replies[name] as z.ZodMiniType as z.ZodMiniType<z.output<Replies[Name]>>;
}

/** What the calls themselves say: a header of the app never takes the place of the key. */
const RESERVED = ['authorization', 'accept', 'content-type', 'content-length', 'host', PROTOCOL_HEADER.toLowerCase()];

function headersOf(given: HeuristOptions['headers']): Record<string, string> {
  try {
    const headers = new Headers(given as Record<string, string> | undefined);
    return Object.fromEntries([...headers].filter(([name]) => !RESERVED.includes(name)));
  } catch (cause) {
    throw invalid('`headers` must be an object of texts that are valid as HTTP headers.', cause);
  }
}

const invalid = (message: string, cause?: unknown) =>
  new HeuristError(message, { code: 'invalid_configuration', cause });
