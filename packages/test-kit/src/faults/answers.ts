import { json, page } from '../http/reply.ts';
import { type CallName, type Fault, withStates } from './fault.ts';

/** Calls whose answers a client reads. */
const READ: CallName[] = ['task_create', 'tasks_create', 'task_result_query', 'tasks_query'];
/** Calls that look at tasks. */
const LOOK: CallName[] = ['task_result_query', 'tasks_query'];

const status = (code: number, title: string, calls: CallName[] = READ): Fault => ({
  summary: `A proxy answers with status ${code} and a web page ("${title}").`,
  calls,
  happen: () => page(code, title),
});

const busy = (code: number, title: string): Fault => ({
  summary: `Status ${code} with \`Retry-After\` (\`retryAfter\` seconds, 1 by default).`,
  calls: READ,
  happen: ({ retryAfter }) => page(code, title, { 'retry-after': `${retryAfter}` }),
});

const body = (summary: string, text: string, type = 'application/json', calls: CallName[] = READ): Fault => ({
  summary,
  calls,
  happen: () => ({ status: 200, headers: { 'content-type': type }, body: text }),
});

const refusal = (code: number, name: string, message: string, calls: CallName[]): Fault => ({
  summary: `The sequencer says no: ${code} \`${name}\`.`,
  calls,
  happen: () => json({ code: name, message }, code),
});

/** Something in between answers, or the sequencer cannot. */
export const gatewayFaults = {
  'status-403': status(403, 'Access denied'),
  'gateway-json-403': {
    summary: 'A gateway answers with status 403 and JSON of its own, `{ "message": "Forbidden" }`.',
    calls: READ,
    happen: () => json({ message: 'Forbidden' }, 403),
  },
  'status-408': status(408, 'Request Timeout'),
  'status-425': status(425, 'Too Early'),
  'status-429': busy(429, 'Too Many Requests'),
  'status-500': status(500, 'Internal Server Error'),
  'status-502': status(502, 'Bad Gateway'),
  'status-503': busy(503, 'Service Unavailable'),
  'status-504': status(504, 'Gateway Timeout'),
  'status-520': status(520, 'Web server is returning an unknown error'),
  'status-524': status(524, 'A timeout occurred'),
  'page-200': body('A web page with status 200, as for a login.', '<html><title>Log in</title></html>', 'text/html'),
  'empty-204': {
    summary: 'Status 204 without a body.',
    calls: READ,
    happen: () => ({ status: 204, headers: {}, body: '' }),
  },
  'empty-200': body('Status 200 without a body.', ''),
  'half-json-200': body('Status 200 with JSON that ends in the middle.', '{"task_id": "12'),
  'object-200': body('Status 200 with `{}`.', '{}'),
  'null-200': body('Status 200 with `null`.', 'null'),
  'error-200': body('Status 200 with `{ "error": ... }`.', '{"error":"upstream connect error"}'),
} satisfies Record<string, Fault>;

/** The sequencer refuses the call. */
export const refusalFaults = {
  full: {
    summary: 'The sequencer is full: 429 `rate_limited` with `Retry-After` (`retryAfter` seconds, 1 by default).',
    calls: ['task_create', 'tasks_create'],
    happen: ({ retryAfter }) =>
      json({ code: 'rate_limited', message: 'Too many open tasks. Wait until some have ended.' }, 429, {
        'retry-after': `${retryAfter}`,
      }),
  },
  unavailable: refusal(503, 'unavailable', 'The database cannot be written. Try again.', READ),
  internal: refusal(500, 'internal', 'The sequencer failed. Try again.', READ),
  unauthorized: refusal(401, 'unauthorized', 'The API key is not valid.', []),
  forbidden: refusal(403, 'forbidden', 'This key does not permit this.', READ),
  unservable: refusal(409, 'unservable', 'No connected miner can run this task.', ['task_create', 'tasks_create']),
  'storage-quota-exceeded': refusal(
    409,
    'storage_quota_exceeded',
    'test keeps 1000 bytes of files here, and its limit allows 1000.',
    ['task_create', 'tasks_create', 'file_create'],
  ),
  'parameters-refused': refusal(400, 'invalid_parameters', '`scale` must be 2 or 4 (got 3).', [
    'task_create',
    'tasks_create',
  ]),
  'job-id-conflict': refusal(409, 'job_id_conflict', 'job_id was already used for a different task.', [
    'task_create',
    'tasks_create',
  ]),
  'protocol-too-new': {
    summary: 'The sequencer speaks a later version of the protocol.',
    calls: [],
    async happen({ proceed }) {
      const outcome = await proceed();
      if (typeof outcome === 'string') return outcome;
      return { ...outcome, headers: { ...outcome.headers, 'heurist-protocol': '99' } };
    },
  },
} satisfies Record<string, Fault>;

/** What a query says is wrong. */
export const stateFaults = {
  'task-unknown': {
    summary: 'A query finds no such task (404), as at a replica that has not heard of it.',
    calls: LOOK,
    happen: (context) =>
      context.name === 'tasks_query'
        ? withStates(context, ({ task_id }) => ({ code: 'not_found', message: 'There is no such task.', task_id }))
        : json({ code: 'not_found', message: 'There is no such task.' }, 404),
  },
  'status-unknown': {
    summary: 'A query reports a status that the protocol does not have.',
    calls: LOOK,
    happen: (context) => withStates(context, (state) => ({ ...state, status: 'archived' })),
  },
  'outputs-null': {
    summary: 'A query reports `outputs: null`.',
    calls: LOOK,
    happen: (context) => withStates(context, (state) => ({ ...state, outputs: null })),
  },
  'failed-with-text': {
    summary: 'A query reports a failed task whose `error` is a text.',
    calls: LOOK,
    happen: (context) =>
      withStates(context, ({ task_id }) => ({ task_id, status: 'failed', error: 'CUDA out of memory' })),
  },
  'failed-without-reason': {
    summary: 'A query reports a failed task without an `error`.',
    calls: LOOK,
    happen: (context) => withStates(context, ({ task_id }) => ({ task_id, status: 'failed' })),
  },
  'finished-without-outputs': {
    summary: 'A query reports a finished task without `outputs` and `result`.',
    calls: LOOK,
    happen: (context) => withStates(context, ({ task_id }) => ({ task_id, status: 'finished' })),
  },
  'no-miner': {
    summary: 'A query reports a waiting task with the `warning` that no miner runs it.',
    calls: LOOK,
    happen: (context) =>
      withStates(context, ({ task_id }) => ({
        task_id,
        status: 'waiting',
        warning: 'No connected miner can run this workflow.',
      })),
  },
} satisfies Record<string, Fault>;
