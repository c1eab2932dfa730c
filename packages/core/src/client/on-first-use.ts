import type * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';
import type { CallOptions, Transport } from '../wire/transport.ts';
import type { FileSource } from './file-source.ts';
import type { waitForTask as wait } from './wait-for-task.ts';

type Calls = typeof import('./calls.ts');
type Replies = Calls['replies'];

/** The calls of a client: as {@link Transport}, but the reply follows from the name. */
export interface Connection extends Pick<Transport, 'open' | 'put'> {
  call<Name extends keyof Replies>(name: Name, body: object, options?: CallOptions): Promise<z.output<Replies[Name]>>;
}

/** Imports what the client needs for calls. The runtime keeps it, so only the first time takes time. */
async function load(): Promise<Calls> {
  try {
    return await import('./calls.ts');
  } catch (cause) {
    throw new HeuristError(
      'A part of the Heurist SDK could not be loaded. In a web page: check the connection, or reload the page if the app was updated.',
      { code: 'connection_failed', isRetryable: true, cause },
    );
  }
}

/**
 * Uses what is loaded. An abort ends it at once, however long the loading takes; what is aborted begins nevertheless once it can,
 * since it knows what is left to do, such as the cancel of a task.
 */
export function onceLoaded<Loaded, T>(
  loading: Promise<Loaded>,
  use: (loaded: Loaded) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const settled = loading.finally(() => signal?.removeEventListener('abort', abort)).then(use);
    settled.then(resolve, reject);
  });
}

/** A transport that is created at its first call. Its options are checked then. */
export function connect(workflowURL: string | undefined, allowInsecureHttp: boolean): Connection {
  let transport: Transport | undefined;
  const connected = (calls: Calls) => {
    transport ??= calls.createTransport(workflowURL, allowInsecureHttp);
    return transport;
  };
  return {
    call: (name, body, options) =>
      onceLoaded(
        load(),
        async (calls) => await connected(calls).call(name, body, schemaOf(calls.replies, name), options),
        options?.signal,
      ),
    open: (name, body, signal) =>
      onceLoaded(load(), async (calls) => await connected(calls).open(name, body, signal), signal),
    put: (url, body, options) =>
      onceLoaded(load(), async (calls) => await connected(calls).put(url, body, options), options?.signal),
  };
}

/** A lookup in a generic map, which TypeScript cannot follow into the schema's output. */
function schemaOf<Name extends keyof Replies>(replies: Replies, name: Name) {
  return replies[name] as z.ZodMiniType as z.ZodMiniType<z.output<Replies[Name]>>;
}

export const waitForTask: typeof wait = (calls, task_id, budget, ...rest) =>
  onceLoaded(load(), async (loaded) => await loaded.waitForTask(calls, task_id, budget, ...rest), budget.signal);

export const openFile = async (source: FileSource, signal?: AbortSignal): Promise<Blob> =>
  await onceLoaded(load(), async (loaded) => await loaded.openFile(source), signal);
