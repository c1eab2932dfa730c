import type { Permission } from './handler-options.ts';
import { refusal } from './refusal.ts';

/** Fields of each call that are passed on: no key, no other user, no webhook, no priority above others. */
const FIELDS: Record<string, readonly string[]> = {
  task_create: ['task_type', 'task_details', 'job_id', 'workflow_id', 'timeout_seconds', 'reject_if_unservable'],
  tasks_create: ['tasks'],
  tasks_query: ['task_ids'],
  tasks_events: ['tasks'],
  file_create: ['content_type', 'bytes', 'task_type', 'workflow_id', 'parameter'],
  resource_request: ['workflow_id', 'task_type'],
};
const TASK_FIELDS = ['task_id'];

type Body = Record<string, unknown>;

/** The body that is sent in place of the page's: for this user. */
export function bodyFor(name: string, body: Body, { user_id }: Permission): Body {
  const passed = passedOn(body, FIELDS[name] ?? TASK_FIELDS);
  const { tasks } = passed;
  const isSubmit = name === 'tasks_create' && Array.isArray(tasks);
  return { ...passed, ...(isSubmit && { tasks: tasks.map(submitOf) }), user_id };
}

/** A task among many. What is not even an object has no fields, and the sequencer says what is wrong with it. */
const submitOf = (task: unknown) => (isObject(task) ? passedOn(task, FIELDS.task_create ?? []) : task);

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null;

const passedOn = (body: Body, fields: readonly string[]): Body =>
  Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));

/** Why a user may not submit this, if that is so. Of many tasks, each must be permitted: the page then submits them one by one. */
export function findRefusal(name: string, body: Body, permission: Permission): Response | undefined {
  const tasks =
    name === 'task_create' ? [body] : name === 'tasks_create' && Array.isArray(body.tasks) ? body.tasks : [];
  if (tasks.every((task) => !isObject(task) || isPermitted(task, permission))) return undefined;
  return refusal('forbidden', 'You may not submit tasks of this workflow.');
}

function isPermitted({ workflow_id, task_type }: Body, { workflow_ids = [], task_types = [] }: Permission): boolean {
  return (
    (typeof workflow_id === 'string' && workflow_ids.includes(workflow_id)) ||
    (typeof task_type === 'string' && task_types.includes(task_type))
  );
}
