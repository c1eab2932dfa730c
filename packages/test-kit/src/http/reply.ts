/** A request, whether it came through a socket or `fetch`. */
export interface IncomingCall {
  method: string;
  url: URL;
  headers: Record<string, string>;
  bytes: Uint8Array;
  /** Fires when the caller has gone. */
  signal: AbortSignal;
}

/** An answer in full. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** The connection breaks after the body, so that the caller knows that something is missing. */
  isCut?: boolean;
}

/** What becomes of a request: an answer, a connection that breaks before one, or silence. */
export type Outcome = Reply | 'reset' | 'hang';

/** An answer in JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An answer as proxies give it. */
export function page(status: number, title: string, headers: Record<string, string> = {}): Reply {
  const body = `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html', ...headers }, body };
}
