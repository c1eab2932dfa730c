import { loadProtocol } from '../core.ts';
import type { FaultName } from '../faults/index.ts';
import type { Injections } from '../faults/injections.ts';
import { type IncomingCall, json, type Outcome, type Reply } from '../http/reply.ts';
import { answerFile } from './artifacts.ts';
import { JSON_BYTES } from './read-body.ts';
import { describeError, Refusal } from './refusal.ts';
import { routes } from './routes.ts';
import { checkKeyFirst, type Services } from './services.ts';

/** A call as it arrived. */
export interface RecordedCall {
  /** Such as `task_create`; `upload` and `download` for files; `elsewhere/task_create` for one that followed a redirect. */
  readonly name: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, if it was JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the client sent
  readonly body: any;
  /** When it arrived, by the clock of the sequencer. */
  readonly at: number;
  /** The fault that hit it. */
  readonly fault?: FaultName;
}

const REDIRECTED = /^elsewhere\//;

/** Answers calls, as the protocol says or as a fault has it, and records them. */
export class Answering {
  calls: RecordedCall[] = [];
  readonly #services: Services;
  readonly #injections: Injections;

  constructor(services: Services, injections: Injections) {
    this.#services = services;
    this.#injections = injections;
  }

  async answer(call: IncomingCall): Promise<Outcome> {
    const name = nameOf(call);
    const fault = REDIRECTED.test(name) ? undefined : this.#injections.take(name);
    const { method, headers } = call;
    const at = this.#services.clock.now();
    this.calls.push({ name, method, headers, body: parse(call.bytes), at, ...(fault && { fault: fault.name }) });
    const proceed = () => this.#proceed(call, name.replace(REDIRECTED, ''));
    if (!fault) return await proceed();
    return await fault.happen({ call, name, clock: this.#services.clock, proceed });
  }

  async #proceed(call: IncomingCall, name: string): Promise<Reply> {
    const { checkProtocolVersion, PROTOCOL_HEADER, PROTOCOL_VERSION } = await loadProtocol();
    const version = { [PROTOCOL_HEADER]: `${PROTOCOL_VERSION}` };
    try {
      if (call.method === 'POST')
        checkProtocolVersion(call.headers[PROTOCOL_HEADER], { us: 'this sequencer', them: 'the caller' });
      const reply = await route(call, name, this.#services);
      return { ...reply, headers: { ...version, ...reply.headers } };
    } catch (error) {
      const { status, body, retry_after } = await describeError(error);
      return json(body, status, { ...version, ...(retry_after !== undefined && { 'retry-after': `${retry_after}` }) });
    }
  }
}

async function route(call: IncomingCall, name: string, services: Services): Promise<Reply> {
  if (name === 'upload' || name === 'download') return answerFile(call, call.url.pathname.split('/').at(-1)!, services);
  const answer = call.method === 'POST' && Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (answer) {
    if (call.bytes.byteLength <= JSON_BYTES) checkKeyFirst(call, services, parse(call.bytes));
    return await answer(call, services, await loadProtocol());
  }
  throw new Refusal('not_found', `There is no call ${call.method} ${call.url.pathname}. See /docs for all calls.`);
}

function nameOf({ method, url }: IncomingCall): string {
  if (!/^\/artifacts\/[^/]+$/.test(url.pathname)) return url.pathname.slice(1);
  return method === 'PUT' ? 'upload' : 'download';
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
