import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random } from '@heurist/test-servers/random';

/** A network, as somebody who was given a key sees it. */
interface Target {
  urls: readonly string[];
  /** Every key is of the form `owner#key`. */
  createKey(role: 'consumer' | 'miner', owner: string): Promise<string>;
}

/** Somebody who wants more than their share, or harm. */
export interface Stranger {
  name: string;
  role: 'consumer' | 'miner' | 'nobody';
  /** Prepares what it does again and again. */
  begin(me: Caller): () => Promise<unknown>;
}

/** A reply. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: replies of all calls, read by those who want to misuse them
  body: any;
}

const TIMEOUT_MS = 15_000;

/** What one stranger sends with, and how it was answered. */
export class Caller {
  readonly #urls: readonly string[];
  readonly key: string;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Status -> how often; 0: no answer. */
  readonly answers = new Map<number, number>();
  /** Answers that say that the network, not the request, is at fault. */
  readonly failures: string[] = [];

  constructor(urls: readonly string[], key: string, random: Random, signal: AbortSignal) {
    this.#urls = urls;
    this.key = key;
    this.random = random;
    this.signal = signal;
  }

  /** Any replica. */
  get url(): string {
    return pick(this.random, this.#urls);
  }

  async call(name: string, body: unknown, key = this.key): Promise<Answer> {
    return await this.send(`${this.url}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Sends a request and reads the reply to its end. */
  async send(url: string, init: RequestInit): Promise<Answer> {
    try {
      const response = await fetch(url, {
        ...init,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await response.text();
      this.#count(response.status, `${init.method} ${new URL(url).pathname}: ${response.status} ${text.slice(0, 200)}`);
      return { status: response.status, body: readJson(text) };
    } catch {
      this.#count(0);
      return { status: 0, body: {} };
    }
  }

  #count(status: number, line = ''): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status === 500) this.failures.push(line);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** What the strangers got. */
interface StrangersReport {
  /** Requests by the status that they were answered with; 0: by none. */
  answers: Map<number, number>;
  failures: string[];
}

/**
 * Lets strangers act side by side until the signal fires.
 *
 * @param paceMs - how long each rests between two acts: their number is bounded, since a test is not a flood
 */
export async function runStrangers(
  strangers: readonly Stranger[],
  target: Target,
  { random, signal, paceMs }: { random: Random; signal: AbortSignal; paceMs: number },
): Promise<StrangersReport> {
  const callers = await Promise.all(
    strangers.map(async ({ name, role }) => {
      const key = role === 'nobody' ? '' : await target.createKey(role, name);
      return new Caller(target.urls, key, random, signal);
    }),
  );
  await Promise.all(
    strangers.map(async (stranger, index) => {
      const act = stranger.begin(callers[index]!);
      while (!signal.aborted) {
        await act();
        await sleep(paceMs * (0.5 + random()), undefined, { signal }).catch(() => {});
      }
    }),
  );
  const answers = new Map<number, number>();
  for (const caller of callers)
    for (const [status, count] of caller.answers) answers.set(status, (answers.get(status) ?? 0) + count);
  return { answers, failures: callers.flatMap(({ failures }) => failures) };
}
