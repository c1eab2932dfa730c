import { HeuristError, parseCredentials, type Session, type SessionChoice } from '@heurist/core';
import { createTransport, PROTOCOL_HEADER, revokedSessionsSchema, sessionSchema } from '@heurist/core/protocol';
import { environmentVariable } from '@heurist/server-kit/environment';
import type { HandlerOptions, Permission } from './handler-options.ts';
import { refusal } from './refusal.ts';

/** Headers of a reply that the page needs. Anything else, such as cookies of a proxy, stays here. */
const PASSED = ['content-type', 'retry-after', 'cache-control', 'x-accel-buffering', PROTOCOL_HEADER];

/** The sequencer, as this server sees it: with its key. */
export interface Sequencer {
  createSession(permission: Permission, signal: AbortSignal): Promise<Session>;
  /** Resolves with the ids of those that were open. */
  revokeSessions(choice: SessionChoice, signal: AbortSignal): Promise<string[]>;
  /** Makes a call and passes its answer on as it comes, whatever it says. */
  call(name: string, body: object, request: Request): Promise<Response>;
  /** Stores the bytes of a declared file. Its signed address is the permission. */
  put(path: string, body: ReadableStream<Uint8Array>, request: Request): Promise<Response>;
}

/** @throws {HeuristError} `invalid_configuration` */
export function connect({ apiKey, workflowURL, allowInsecureHttp = false }: HandlerOptions): Sequencer {
  const { consumer_id, api_key } = parseCredentials(apiKey ?? environmentVariable('HEURIST_API_KEY'));
  const url = workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL') ?? '';
  const authorization = `Bearer ${consumer_id}#${api_key}`;
  // also checks the address
  const transport = createTransport(url, allowInsecureHttp, { authorization });
  const base = new URL(url.replace(/\/*$/, '/'));
  return {
    createSession: (permission, signal) => transport.call('session_create', permission, sessionSchema, { signal }),
    async revokeSessions(choice, signal) {
      return (await transport.call('session_revoke', choice, revokedSessionsSchema, { signal })).session_ids;
    },
    async call(name, body, request) {
      const headers = new Headers({ authorization, 'content-type': 'application/json' });
      for (const header of ['accept', 'last-event-id', PROTOCOL_HEADER]) copyHeader(request.headers, headers, header);
      return await send(new URL(name, base), request, { method: 'POST', headers, body: JSON.stringify(body) });
    },
    async put(path, body, request) {
      const headers = new Headers();
      copyHeader(request.headers, headers, 'content-type');
      // fetch needs to be told that a body is a stream
      return await send(new URL(`.${path}`, base), request, {
        method: 'PUT',
        headers,
        body,
        duplex: 'half',
      } as RequestInit);
    },
  };
}

/** Ends with the request: a page that goes away holds nothing open at the sequencer. */
async function send(url: URL, { signal }: Request, init: RequestInit): Promise<Response> {
  try {
    // a redirect would take the key elsewhere
    const response = await fetch(url, { ...init, signal, redirect: 'manual' });
    const isRedirect = response.status === 0 || (response.status >= 300 && response.status < 400);
    // a consumer's key may make every call that is passed on (what its limits refuse is not 403); uploads have no key, and may be refused
    // for their address
    const isWrongKey = response.status === 401 || (response.status === 403 && init.method === 'POST');
    if (isWrongKey || isRedirect) await response.body?.cancel();
    if (isWrongKey) throw wrongKey();
    if (isRedirect) return unavailable();
    const headers = new Headers();
    for (const header of PASSED) copyHeader(response.headers, headers, header);
    return new Response(response.body, { status: response.status, headers });
  } catch (error) {
    if (signal.aborted || HeuristError.isInstance(error)) throw error;
    return unavailable();
  }
}

const unavailable = () => refusal('unavailable', 'The network cannot be reached at the moment. Try again.');

const wrongKey = () =>
  new HeuristError(
    'The sequencer does not accept the key of this server. Check that HEURIST_API_KEY is the key of a consumer.',
    {
      code: 'unauthorized',
    },
  );

function copyHeader(from: Headers, to: Headers, name: string): void {
  const value = from.get(name);
  if (value !== null) to.set(name, value);
}
