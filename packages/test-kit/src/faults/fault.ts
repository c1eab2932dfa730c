import type { TestClock } from '../clock.ts';
import type { IncomingCall, Outcome, Reply } from '../http/reply.ts';

/** Name of a call of the protocol; `upload` and `download` are the PUT and GET of a file. */
export type CallName =
  | 'task_create'
  | 'task_result_query'
  | 'task_cancel'
  | 'task_events'
  | 'tasks_create'
  | 'tasks_query'
  | 'tasks_events'
  | 'file_create'
  | 'network_status'
  | 'webhook_secret'
  | 'resource_request'
  | 'upload'
  | 'download';

/** What a fault has to work with. */
export interface FaultContext {
  call: IncomingCall;
  name: string;
  clock: TestClock;
  /** From {@link InjectOptions}. */
  delay: number;
  retryAfter: number;
  /** Does what was asked, and returns the right answer. */
  proceed(): Promise<Outcome>;
}

/** A way in which a sequencer, or what is in front of it, misbehaves. */
export interface Fault {
  /** What happens, in one sentence, for `docs/faults.md`. */
  summary: string;
  /** Calls that it hits unless the test names others. Empty: all of them. */
  calls: readonly CallName[];
  /** No connection is accepted: `happen` is not called. */
  isDown?: true;
  happen(context: FaultContext): Promise<Outcome> | Outcome;
}

/** Changes a right answer in JSON. Whatever is not one passes. */
export async function withJson(
  { proceed }: FaultContext,
  change: (value: Record<string, unknown>) => unknown,
): Promise<Outcome> {
  const outcome = await proceed();
  if (typeof outcome === 'string' || outcome.status !== 200 || typeof outcome.body !== 'string') return outcome;
  return { ...outcome, body: JSON.stringify(change(JSON.parse(outcome.body))) };
}

/** Changes every state in an answer, of one task or of many. */
export function withStates(
  context: FaultContext,
  change: (state: Record<string, unknown>) => unknown,
): Promise<Outcome> {
  return withJson(context, (value) =>
    Array.isArray(value.results) ? { ...value, results: value.results.map(change) } : change(value),
  );
}

/** The first half of a body, and then the end of the connection. */
export function cut(reply: Reply): Reply {
  const { body } = reply;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return { ...reply, isCut: true };
  const headers = { ...reply.headers, 'content-length': `${Buffer.byteLength(body)}` };
  return { ...reply, headers, body: body.slice(0, Math.ceil(body.length / 2)), isCut: true };
}

/** The first half of a body, and then nothing. */
export function stall(reply: Reply, signal: AbortSignal): Reply {
  const { body } = reply;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return reply;
  return { ...cut(reply), body: thenSilence(body.slice(0, Math.ceil(body.length / 2)), signal) };
}

/** Says something, and nothing more. */
export async function* thenSilence(
  said: string | Uint8Array | undefined,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  if (said !== undefined) yield said;
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  });
}
