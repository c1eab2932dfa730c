import type { Clock } from '@heurist/server-kit/clock';
import { HeuristError } from '../../wire/errors.ts';
import { RETRY_LIMITS, retryDelay, withJitter } from '../../wire/transport/retries.ts';
import type { CallOptions, Credentials } from '../../wire/transport.ts';
import type { Lane } from './lane.ts';
import { copyOf, isBusy, isMissing, isTooMuch, readRefusal } from './refusal.ts';

/** What a submit is answered. */
interface Submitted {
  task_id: string;
}

/** The body of a submit, with the key. */
type Body = Partial<Credentials> & { job_id?: unknown };

/** The calls behind the submits of a client. */
export interface SubmitCalls {
  one(body: object, options: CallOptions): Promise<Submitted>;
  many(body: object, options: CallOptions): Promise<{ results: readonly unknown[] }>;
  /** Whether the sequencer may know the call for many. */
  isOurs(): boolean;
}

/** Submits one task, together with others that would have to wait for their turn. */
export type Submit = (body: object, options?: CallOptions) => Promise<Submitted>;

/** Tasks in one call. Sequencers of ours take 500. */
const MOST_TASKS = 100;
/** Characters of the tasks in one call: at most three bytes each, and sequencers of ours take a megabyte. */
const MOST_CHARACTERS = 250_000;
/** Milliseconds until each task is submitted alone: the whole budget of a caller must not hang on one call. */
const TIMEOUT_MS = 15_000;
/** The same for a call that the sequencer may not know. */
const FIRST_TIMEOUT_MS = 5000;
/** How often the call for many may fail before it has worked once: then it counts as missing. */
const MOST_DOUBTS = 2;

/** An abort without a reason makes an error with its stack. */
const NOT_WANTED = 'not wanted any more';

/** A submit that waits for its turn, or for the answer of its batch. */
interface Member {
  body: Body;
  job_id: string;
  options: CallOptions;
  /** Once it is in a batch: nobody wants its answer any more. */
  leave: (() => void) | undefined;
  /** With what was answered of it; without, nothing is known of it. */
  resolve(answer?: unknown): void;
  reject(error: unknown): void;
}

/**
 * Batches the submits of a client. Those that find room in the lane are made alone, as reference clients do; what has to wait goes
 * together, to a sequencer that knows how. Each keeps its own budget. A batch that fails says little about its tasks: each is then
 * submitted alone, and its `job_id` makes sure that it is one task.
 */
export function createSubmits(calls: SubmitCalls, lane: Lane, clock: Clock): Submit {
  /** By key: what waits for the next turn. */
  const lines = new Map<string, Set<Member>>();
  let knowsMany: boolean | undefined;
  let doubts = 0;
  /** Fewer after a sequencer has said that it takes fewer. */
  let [mostTasks, mostCharacters] = [MOST_TASKS, MOST_CHARACTERS];

  /** Resolves with what was answered of it. */
  function together(body: Body, job_id: string, options: CallOptions): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = options;
    const key = JSON.stringify([body.consumer_id, body.api_key]);
    const line = lines.get(key) ?? new Set();
    if (!lines.has(key)) takeTurn(key, line);
    lines.set(key, line);
    const member: Member = { body, job_id, options, leave: undefined, resolve, reject };
    line.add(member);
    const abort = () => {
      line.delete(member);
      member.leave?.();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    return promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** One turn at a time is waited for: what has come until then shares it. */
  function takeTurn(key: string, line: Set<Member>): void {
    const begin = async () => {
      const members = takeFrom(line, calls.isOurs() && knowsMany !== false ? mostTasks : 1, mostCharacters);
      if (line.size) takeTurn(key, line);
      else lines.delete(key);
      const [first] = members;
      // not a call: it must not seem to be a fast one
      if (!first) throw NOT_WANTED;
      await (members.length > 1 ? submitMany(members) : submitOne(first));
    };
    // its members have heard of a failure; the lane hears of it as of any other
    lane(begin).catch(() => {});
  }

  async function submitOne({ body, options, resolve, reject }: Member): Promise<void> {
    const reply = calls.one(body, options);
    reply.then(resolve, reject);
    await reply;
  }

  async function submitMany(members: readonly Member[]): Promise<void> {
    const end = new AbortController();
    let wanted = members.length;
    let timeout = knowsMany ? TIMEOUT_MS : FIRST_TIMEOUT_MS;
    for (const member of members) {
      const { options } = member;
      timeout = Math.min(timeout, options.timeout ?? timeout);
      member.leave = () => --wanted || end.abort(NOT_WANTED);
      options.watch?.();
    }
    const { body, options } = members[0]!;
    const { consumer_id, api_key } = body;
    const tasks = members.map(({ body: { consumer_id, api_key, ...task } }) => task);
    try {
      const attempt = { signal: end.signal, timeout, retries: 0, credentials: options.credentials };
      const { results } = await calls.many({ consumer_id, api_key, tasks }, attempt);
      knowsMany = true;
      const answers = new Map(results.map((result) => [(result as { job_id?: unknown } | null)?.job_id, result]));
      for (const { job_id, resolve } of members) resolve(answers.get(job_id));
    } catch (error) {
      if (HeuristError.isInstance(error)) learnFrom(error, members.length);
      for (const { options, resolve } of members) {
        if (!options.signal?.aborted) options.watch?.(copyOf(error) as HeuristError);
        resolve();
      }
      throw error;
    }
  }

  function learnFrom(failure: HeuristError, count: number): void {
    if (isMissing(failure)) knowsMany = false;
    else if (isTooMuch(failure)) {
      mostTasks = Math.ceil(count / 2);
      mostCharacters /= 2;
    } else if (!isBusy(failure) && knowsMany === undefined && ++doubts >= MOST_DOUBTS) knowsMany = false;
  }

  return async (body, options = {}) => {
    const { signal, watch, retries = 4 } = options;
    const { job_id } = body as Body;
    for (let attempt = 1; ; attempt++) {
      const each = { ...options, retries: retries - attempt + 1 };
      const alone = () => lane(() => calls.one(body, each), signal);
      if (typeof job_id !== 'string' || knowsMany === false || !lane.isFull()) return await alone();
      signal?.throwIfAborted();
      const { task_id, error, ...more } = ((await together(body, job_id, each)) ?? {}) as Answer;
      if (typeof task_id === 'string' && task_id) return { ...more, task_id };
      const refusal = readRefusal(error);
      if (!refusal) return await alone();
      watch?.(refusal);
      if (!refusal.isRetryable || each.retries <= 0) throw refusal;
      const seconds = error?.retry_after;
      const pause =
        typeof seconds === 'number'
          ? Math.min(seconds * 1000, RETRY_LIMITS.maxRetryAfter)
          : withJitter(retryDelay(attempt, RETRY_LIMITS));
      await clock.sleep(pause, signal);
      signal?.throwIfAborted();
    }
  };
}

/** What a batch says of one task. */
interface Answer {
  task_id?: unknown;
  error?: { retry_after?: unknown } | null;
}

/** The first ones that fit one call. A `job_id` that is there twice would have one answer. */
function takeFrom(waiting: Set<Member>, mostTasks: number, mostCharacters: number): Member[] {
  const taken = new Map<string, Member>();
  let characters = 0;
  for (const member of waiting) {
    if (taken.size >= mostTasks) break;
    if (taken.has(member.job_id)) continue;
    characters += JSON.stringify(member.body).length;
    if (taken.size && characters > mostCharacters) break;
    taken.set(member.job_id, member);
  }
  for (const member of taken.values()) waiting.delete(member);
  return [...taken.values()];
}
