import type { ApiError, FamilyInfo, Network, NewTask, TaskState } from '../shared/api.ts';

/** A call to the page's server that was refused or came to nothing. */
export class CallError extends Error {
  readonly code: string;

  constructor({ code, message }: ApiError) {
    super(message);
    this.code = code;
  }
}

/** Whether this may pass by itself. */
export const isPassing = (error: unknown) =>
  error instanceof CallError && ['unavailable', 'internal', 'offline'].includes(error.code);

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/api/${path}`, init).catch(() => {
    throw new CallError({ code: 'offline', message: 'The server of this page does not answer.' });
  });
  const body = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const fallback = { code: 'internal', message: `The server of this page answered ${response.status}.` };
  throw new CallError(body?.message ? (body as ApiError) : fallback);
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const api = {
  catalogue: () => call<FamilyInfo[]>('catalogue'),
  network: () => call<Network>('network'),
  submit: (task: NewTask) => call<{ task_id: string }>('tasks', post(task)),
  task: (task_id: string) => call<TaskState>(`tasks/${task_id}`),
  cancel: (task_id: string) => call<{ msg: string }>(`tasks/${task_id}/cancel`, post({})),
  upload: (file: Blob) => call<{ url: string }>('files', { method: 'POST', body: file }),
};

/** Key of uploads under way: a form waits for them. */
export const UPLOAD = ['upload'];

/** Where the page can look at a file that an option names. */
export function addressOf(value: { url: string } | { task_id: string; output: number }): string {
  return 'url' in value
    ? `/api/files?url=${encodeURIComponent(value.url)}`
    : `/api/tasks/${value.task_id}/outputs/${value.output}`;
}
