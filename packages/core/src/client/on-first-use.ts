import { HeuristError } from '../wire/errors.ts';
import { untilAborted } from '../wire/until-aborted.ts';
import { abandon } from './abandon.ts';
import type { HeuristOptions } from './client-options.ts';
import type { ClientTransport } from './client-transport.ts';

export type Calls = typeof import('./calls.ts');
/** The calls of a client. */
export type Connection = Pick<ClientTransport, 'call' | 'open' | 'put' | 'files'>;

/** Kept, since even the import of what is loaded takes longer than a call needs otherwise. */
let loading: Promise<Calls> | undefined;

/** Imports what the client needs for calls. */
export async function load(): Promise<Calls> {
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
export async function onceLoaded<Loaded, T>(
  loading: Promise<Loaded>,
  use: (loaded: Loaded) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const loaded = await untilAborted(loading, signal);
  signal?.throwIfAborted();
  // not awaited: thousands of waits would each keep this frame
  return use(loaded);
}

/** Uses what is needed for calls: see {@link onceLoaded}. */
export function later<T>(use: (calls: Calls) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return onceLoaded(load(), use, signal);
}

/** A transport that is created at its first call. Its options are checked then. */
export function connect(options: HeuristOptions): Connection {
  let transport: ClientTransport | undefined;
  const use = <T>(call: (connected: ClientTransport) => Promise<T>, signal: AbortSignal | undefined) =>
    later((calls) => {
      transport ??= calls.createClientTransport(options);
      return call(transport);
    }, signal);
  return {
    // once something was called
    files: () => (transport as ClientTransport).files(),
    call: (name, body, callOptions) => use((each) => each.call(name, body, callOptions), callOptions?.signal),
    open: (name, body, signal, credentials) => use((each) => each.open(name, body, signal, credentials), signal),
    put: (url, body, callOptions) => use((each) => each.put(url, body, callOptions), callOptions?.signal),
  };
}

export const waitForTask: Calls['waitTogether'] = async (client, submitted, budget, options) => {
  let calls: Calls;
  try {
    calls = await later(async (loaded) => loaded, budget.signal);
  } catch (error) {
    // a wait that has begun does it itself
    if (budget.signal.aborted) {
      if (typeof submitted === 'string') budget.task_id = submitted;
      abandon(error, budget, options.onAbort ?? 'cancel', client.cancel);
    }
    throw error;
  }
  return calls.waitTogether(client, submitted, budget, options);
};
