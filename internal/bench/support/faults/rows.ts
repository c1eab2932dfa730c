// Which call each fault hits, and what it means to survive it.
import type { FaultName, InjectOptions } from '@heurist/test-kit';
import { MANY, type Session } from './client.ts';
import {
  type Check,
  endsBy,
  finishes,
  finishesAfter,
  finishesEach,
  givesUpBy,
  keepsKey,
  readsOrRejects,
  rejects,
  rejectsAtOnce,
  storesOrRejects,
} from './seen.ts';

/** One call of a client, under a fault. */
export interface Scene {
  /** What the fault hits, for the page, if there are several scenes. */
  at: 'submit' | 'poll' | '';
  use: keyof Session;
  inject: InjectOptions;
  /** The caller's timeout, in milliseconds. */
  timeout: number;
  check: Check;
  /** Polls matter only without a stream. */
  withoutStream?: true;
  /** The job runs until somebody ends it. */
  neverEnds?: true;
  /** Milliseconds until the caller aborts. */
  abortAfter?: number;
}

export interface Row {
  /** What the page says of it. */
  survives: string;
  scenes: Scene[];
  /** Takes much of this process. */
  isHeavy?: true;
}

export type RowName = FaultName | 'abort' | 'timeout';

/** For what passes. */
const TIMEOUT_MS = 12_000;
/** For what does not. */
const LIMIT_MS = 4000;
/** Seconds: more than clients wait by themselves. */
const RETRY_AFTER = 2;

const scene = (at: Scene['at'], check: Check, more: Partial<Scene> = {}): Scene => ({
  at,
  use: 'run',
  inject: at === 'poll' ? { on: ['task_result_query', 'tasks_query'], times: 1 } : { on: 'task_create', times: 1 },
  timeout: TIMEOUT_MS,
  check,
  ...(at === 'poll' && { withoutStream: true as const }),
  ...more,
});
const submit = (check: Check, more?: Partial<Scene>) => scene('submit', check, more);
const poll = (check: Check, more?: Partial<Scene>) => scene('poll', check, more);

/** A call while nothing goes wrong. */
export const plainScene = (use: keyof Session): Scene => ({ ...submit(finishes), use });

function passes<Name extends FaultName>(...names: Name[]): Record<Name, Row> {
  const row = { survives: 'the job finishes, once', scenes: [submit(finishes), poll(finishes)] };
  return Object.fromEntries(names.map((name) => [name, row])) as Record<Name, Row>;
}

const waits: Row = {
  survives: 'the job finishes, once; the next attempt is not sooner than `Retry-After` says',
  scenes: [submit, poll].map((at) => {
    const check = finishesAfter(RETRY_AFTER);
    const { inject } = at(check);
    return at(check, { inject: { ...inject, retryAfter: RETRY_AFTER } });
  }),
};

const ends: Row = {
  survives: 'the job finishes, or the call ends within 1 s of the caller’s limit of 4 s',
  scenes: [submit(endsBy(LIMIT_MS), { timeout: LIMIT_MS }), poll(endsBy(LIMIT_MS), { timeout: LIMIT_MS })],
};

const key: Row = { survives: 'the key is not sent there', scenes: [submit(keepsKey, { timeout: LIMIT_MS })] };

/** @param why - the status, or what the server says */
const refused = (why: RegExp): Row => ({
  survives: 'the call rejects, and the error says why',
  scenes: [{ ...submit(rejects(why)), at: '', inject: { on: 'task_create' } }],
});

const failed = (why?: RegExp): Row => ({
  survives: why ? 'the call rejects with the reason' : 'the call rejects',
  scenes: [{ ...poll(rejects(why)), at: '', inject: {} }],
});

const state: Row = { survives: 'the job finishes, once', scenes: [{ ...poll(finishes), at: '' }] };

const stream: Row = {
  survives: 'a job that is followed by its events finishes, once',
  scenes: [{ ...submit(finishes), at: '', use: 'follow', inject: {} }],
};

/** Clients that ask about many jobs at once have these faults. */
const batches: Row = {
  survives: 'three jobs that are awaited at the same time finish, once each',
  scenes: [{ ...submit(finishesEach(MANY)), at: '', use: 'runMany', inject: {} }],
};
const batch = <Name extends FaultName>(...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, batches])) as Record<Name, Row>;

const file = (survives: string, use: keyof Session, check: Check, inject: InjectOptions = { times: 1 }): Row => ({
  survives,
  scenes: [{ ...submit(check), at: '', use, inject }],
});

export const rows: Record<RowName, Row> = {
  ...passes('reset', 'cut-body'),
  refused: {
    survives: 'the job finishes, once',
    scenes: [submit(finishes, { inject: { lasts: 1000 } })],
  },
  'reset-after-effect': { survives: 'the job finishes, once', scenes: [submit(finishes)] },
  hang: ends,
  'hang-after-effect': { ...ends, scenes: ends.scenes.slice(0, 1) },
  slow: {
    survives: 'the job finishes, once',
    scenes: [submit, poll].map((at) => ({ ...at(finishes), inject: { ...at(finishes).inject, delay: 2000 } })),
  },
  'stalled-body': ends,
  'redirect-other-origin': key,
  'redirect-permanent': key,
  'redirect-loop': { survives: 'the job finishes, once', scenes: [submit(finishes)] },
  ...passes('status-403', 'gateway-json-403', 'status-408', 'status-425', 'status-500', 'status-502', 'status-504'),
  ...passes('status-520', 'status-524', 'page-200', 'empty-204', 'empty-200', 'half-json-200', 'object-200'),
  ...passes('null-200', 'error-200', 'unavailable', 'internal'),
  'status-429': waits,
  'status-503': waits,
  full: { ...waits, scenes: waits.scenes.slice(0, 1) },
  unauthorized: refused(/401|API key is not valid/),
  forbidden: refused(/403|does not permit/),
  unservable: refused(/409|No connected miner/),
  'storage-quota-exceeded': refused(/409|its limit allows/),
  'parameters-refused': refused(/400|must be 2 or 4/),
  'job-id-conflict': refused(/409|already used/),
  'protocol-too-new': refused(/protocol/),
  'task-unknown': state,
  'status-unknown': state,
  'outputs-null': state,
  'failed-with-text': failed(/CUDA out of memory/),
  'failed-without-reason': failed(),
  'finished-without-outputs': failed(),
  'no-miner': {
    survives: 'the error at the end of the timeout says why the job waits',
    scenes: [{ ...poll(rejects(/No connected miner/), { timeout: LIMIT_MS }), at: '', inject: {} }],
  },
  ...batch('batch-missing', 'batch-refused', 'batch-order', 'batch-gaps', 'batch-empty', 'batch-null', 'batch-twice'),
  ...batch('batch-other-tasks', 'batch-garbage', 'batch-full'),
  // what is unavailable for good never finishes
  'batch-unavailable': { ...batches, scenes: batches.scenes.map((one) => ({ ...one, inject: { times: 1 } })) },
  'stream-missing': stream,
  'stream-502': stream,
  'stream-silent': stream,
  'stream-ends-at-once': stream,
  'stream-cut': stream,
  'stream-garbage': stream,
  'stream-false-end': stream,
  'stream-other-task': stream,
  'stream-unknown': stream,
  'stream-endless-line': { ...stream, isHeavy: true },
  'upload-forbidden': file('the call rejects, and the error says why', 'upload', rejects(/403|URL has expired/), {}),
  'upload-page': file('the file is stored, or the call rejects', 'upload', storesOrRejects),
  'file-too-large': file('the call rejects, and the error says why', 'upload', rejects(/413|too large/), {}),
  'download-expired': file('the call rejects', 'download', rejects(), {}),
  'download-cut': file('the whole file arrives, or the call rejects', 'download', readsOrRejects, {}),
  'download-changed': file('the call rejects', 'download', rejects(), {}),
  abort: {
    survives: 'the call rejects within 1 s',
    scenes: [{ ...submit(rejectsAtOnce), at: '', neverEnds: true, abortAfter: 600 }],
  },
  timeout: {
    survives: 'the call rejects within 1 s of its timeout of 2 s, and the error names the job',
    scenes: [{ ...submit(givesUpBy(2000), { timeout: 2000 }), at: '', neverEnds: true }],
  },
};
