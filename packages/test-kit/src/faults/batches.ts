import { json } from '../http/reply.ts';
import { type CallName, type Fault, type FaultContext, withJson } from './fault.ts';

const BATCHES: CallName[] = ['tasks_query', 'tasks_create'];

type Result = Record<string, unknown>;

const results = (
  summary: string,
  change: (results: Result[]) => unknown,
  calls: readonly CallName[] = BATCHES,
): Fault => ({
  summary,
  calls,
  happen: (context: FaultContext) =>
    withJson(context, (value) => ({ ...value, results: change(value.results as Result[]) })),
});

/** The calls for many tasks are missing, or answer something else than they were asked. */
export const batchFaults = {
  'batch-missing': {
    summary: 'The sequencer does not know the calls for many tasks (404 `not_found`), as older ones.',
    calls: [...BATCHES, 'tasks_events'],
    happen: ({ name }) => json({ code: 'not_found', message: `There is no call POST /${name}.` }, 404),
  },
  'batch-refused': {
    summary: 'A batched query or submit is refused for its size: 400 `invalid_request`.',
    calls: BATCHES,
    happen: () => json({ code: 'invalid_request', message: 'Invalid request: ask for fewer tasks.' }, 400),
  },
  'batch-order': results('The results of a batch come in another order.', (all) => all.toReversed()),
  'batch-gaps': results('A batch leaves out the first result.', (all) => all.slice(1)),
  'batch-empty': results('A batch has no results.', () => []),
  'batch-null': results('A batch has `null` as its results.', () => null),
  'batch-twice': results('A batch has each result twice.', (all) => [...all, ...all]),
  'batch-other-tasks': results(
    'The results of a batched query are of tasks that nobody asked for.',
    (all) => all.map((result, index) => ({ ...result, task_id: `another-${index}` })),
    ['tasks_query'],
  ),
  'batch-garbage': results('The results of a batch are not objects.', () => ['<html>', null, 7, []]),
  'batch-full': results(
    'A batched query answers the first task; the others do not fit (`payload_too_large`).',
    (all) => all.map((result, index) => (index ? refused(result, 'payload_too_large') : result)),
    ['tasks_query'],
  ),
  'batch-unavailable': {
    summary: 'A batch answers `unavailable` for each task. Of a submit, nothing is recorded.',
    calls: BATCHES,
    async happen(context) {
      if (context.name === 'tasks_create') return json({ results: submittedIn(context).map(unavailable) });
      return await withJson(context, ({ results }) => ({
        results: (results as Result[]).map((result) => refused(result, 'unavailable')),
      }));
    },
  },
} satisfies Record<string, Fault>;

function refused({ task_id }: Result, code: string): Result {
  return { task_id, code, message: 'Ask for this task again.' };
}

function unavailable({ job_id }: Result): Result {
  return { job_id, error: { code: 'unavailable', message: 'The database cannot be written. Try again.', status: 503 } };
}

/** The tasks of a batched submit. */
function submittedIn({ call }: FaultContext): Result[] {
  return JSON.parse(new TextDecoder().decode(call.bytes)).tasks;
}
