import type { Permission } from './handler-options.ts';
import { refusal } from './refusal.ts';

/** The calls that pages can make. Everything else of the protocol is not passed on. */
export const PAGE_CALLS: readonly string[] = [
  'task_create',
  'task_result_query',
  'task_cancel',
  'task_events',
  'tasks_query',
  'tasks_events',
  'file_create',
  'resource_request',
];

/** Fields of each call that are passed on: no key, no other user, no webhook, no priority above others. */
const FIELDS: Record<string, readonly string[]> = {
  task_create: ['task_type', 'task_details', 'job_id', 'workflow_id', 'timeout_seconds', 'reject_if_unservable'],
  tasks_query: ['task_ids'],
  tasks_events: ['tasks'],
  file_create: ['content_type', 'bytes'],
  resource_request: ['workflow_id', 'task_type'],
};
const TASK_FIELDS = ['task_id'];

/** The body that is sent in place of the page's: for this user. */
export function bodyFor(name: string, body: Record<string, unknown>, { user_id }: Permission): Record<string, unknown> {
  const fields = FIELDS[name] ?? TASK_FIELDS;
  const passed = Object.entries(body).filter(([field]) => fields.includes(field));
  return { ...Object.fromEntries(passed), user_id };
}

/** Why a user may not submit this, if that is so. */
export function findRefusal(
  name: string,
  { workflow_id, task_type }: Record<string, unknown>,
  { workflow_ids = [], task_types = [] }: Permission,
): Response | undefined {
  if (name !== 'task_create') return undefined;
  const isPermitted =
    (typeof workflow_id === 'string' && workflow_ids.includes(workflow_id)) ||
    (typeof task_type === 'string' && task_types.includes(task_type));
  return isPermitted ? undefined : refusal('forbidden', 'You may not submit tasks of this workflow.');
}
