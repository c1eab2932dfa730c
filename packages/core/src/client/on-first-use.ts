import type * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';
import type { CallOptions, Transport } from '../wire/transport.ts';
import { abandon } from './abandon.ts';
import type { FileSource } from './file-source.ts';
import type { waitTogether } from './shared/waits.ts';

type Calls = typeof import('./calls.ts');
type Replies = Calls['replies'];

/** The calls of a client: as {@link Transport}, but the reply follows from the name. */
export interface Connection extends Pick<Transport, 'open' | 'put'> {
  call<Name extends keyof Replies>(name: Name, body: object, options?: CallOptions): Promise<z.output<Replies[Name]>>;
}

/** Kept, since even the import of what is loaded takes longer than a call needs otherwise. */
let loading: Promise<Calls> | undefined;

/** Imports what the client needs for calls. */
async function load(): Promise<Calls> {
  try {
    loading ??= import('./calls.ts');
    return await loading;
  } catch (cause) {
    loading = undefined;
    throw new HeuristError(
      'A part of the Heurist SDK could not be loaded. In a web page: check the connection, or reload the page if the app was updated.',
      { code: 'connection_failed', isRetryable: true, cause },
    );
  }
}

/** Uses what is loaded. An abort ends it at once, however long the loading takes; what was aborted does not begin any more. */
export function onceLoaded<Loaded, T>(
  loading: Promise<Loaded>,
  use: (loaded: Loaded) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const loaded = loading.finally(() => signal?.removeEventListener('abort', abort));
    loaded
      .then(async (found) => {
        if (!signal?.aborted) resolve(await use(found));
      })
      .catch(reject);
  });
}

/** A transport that is created at its first call. Its options are checked then. */
export function connect(
  workflowURL: string | undefined,
  allowInsecureHttp: boolean,
  auth?: 'header' | undefined,
): Connection {
  let transport: Transport | undefined;
  const connected = (calls: Calls) => {
    transport ??= calls.createTransport(workflowURL, allowInsecureHttp, {}, { auth });
    return transport;
  };
  return {
    call: (name, body, options) =>
      onceLoaded(
        load(),
        async (calls) => await connected(calls).call(name, body, schemaOf(calls.replies, name), options),
        options?.signal,
      ),
    open: (name, body, signal, credentials) =>
      onceLoaded(load(), async (calls) => await connected(calls).open(name, body, signal, credentials), signal),
    put: (url, body, options) =>
      onceLoaded(load(), async (calls) => await connected(calls).put(url, body, options), options?.signal),
  };
}

/** A lookup in a generic map, which TypeScript cannot follow into the schema's output. */
function schemaOf<Name extends keyof Replies>(replies: Replies, name: Name) {
  return replies[name] as z.ZodMiniType as z.ZodMiniType<z.output<Replies[Name]>>;
}

export const waitForTask: typeof waitTogether = async (client, submitted, budget, options) => {
  let hasBegun = false;
  const begin = async (loaded: Calls) => {
    hasBegun = true;
    return await loaded.waitTogether(client, submitted, budget, options);
  };
  try {
    return await onceLoaded(load(), begin, budget.signal);
  } catch (error) {
    // a wait that has begun does it itself
    if (!hasBegun && budget.signal.aborted) {
      if (typeof submitted === 'string') budget.task_id = submitted;
      abandon(error, budget, options.onAbort ?? 'cancel', client.cancel);
    }
    throw error;
  }
};

export const openFile = async (source: FileSource, signal?: AbortSignal): Promise<Blob> =>
  await onceLoaded(load(), async (loaded) => await loaded.openFile(source), signal);
