import { json } from '../http/reply.ts';
import { type CallName, type Fault, type FaultContext, withJson } from './fault.ts';

const calls: CallName[] = ['tasks_query'];

type Result = Record<string, unknown>;

const results = (summary: string, change: (results: Result[]) => unknown): Fault => ({
  summary,
  calls,
  happen: (context: FaultContext) =>
    withJson(context, (value) => ({ ...value, results: change(value.results as Result[]) })),
});

/** The calls for many tasks are missing, or answer something else than they were asked. */
export const batchFaults = {
  'batch-missing': {
    summary: 'The sequencer does not know the calls for many tasks (404 `not_found`), as older ones.',
    calls: ['tasks_query', 'tasks_events'],
    happen: ({ name }) => json({ code: 'not_found', message: `There is no call POST /${name}.` }, 404),
  },
  'batch-refused': {
    summary: 'A batched query is refused for its size: 400 `invalid_request`.',
    calls,
    happen: () => json({ code: 'invalid_request', message: 'Invalid request: ask for fewer tasks.' }, 400),
  },
  'batch-order': results('The results of a batched query come in another order.', (all) => all.toReversed()),
  'batch-gaps': results('A batched query leaves out the first result.', (all) => all.slice(1)),
  'batch-empty': results('A batched query has no results.', () => []),
  'batch-null': results('A batched query has `null` as its results.', () => null),
  'batch-twice': results('A batched query has each result twice.', (all) => [...all, ...all]),
  'batch-other-tasks': results('The results of a batched query are of tasks that nobody asked for.', (all) =>
    all.map((result, index) => ({ ...result, task_id: `another-${index}` })),
  ),
  'batch-garbage': results('The results of a batched query are not objects.', () => ['<html>', null, 7, []]),
  'batch-full': results('A batched query answers the first task; the others do not fit (`payload_too_large`).', (all) =>
    all.map((result, index) => (index ? refused(result, 'payload_too_large') : result)),
  ),
  'batch-unavailable': results('A batched query answers `unavailable` for each task.', (all) =>
    all.map((result) => refused(result, 'unavailable')),
  ),
} satisfies Record<string, Fault>;

function refused({ task_id }: Result, code: string): Result {
  return { task_id, code, message: 'Ask for this task again.' };
}
