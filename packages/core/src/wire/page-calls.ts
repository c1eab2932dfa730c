/**
 * The calls that a web page can make with the token of a session, or through the server of its app. Everything else needs a key, which
 * no page should have.
 */
export const PAGE_CALLS: readonly string[] = [
  'task_create',
  'task_result_query',
  'task_cancel',
  'task_events',
  'tasks_create',
  'tasks_query',
  'tasks_events',
  'file_create',
  'resource_request',
];
