import type {
  ApiError,
  FamilyInfo,
  NetworkReply,
  NewTaskRequest,
  TaskState,
  UploadedFile,
  VisitorView,
} from '../../shared/api.ts';

/** A call to the demo server that was refused or failed. */
class CallError extends Error {
  readonly code: string;

  constructor({ code, message }: ApiError) {
    super(message);
    this.code = code;
  }
}

/** Whether retrying can help. */
export const isTransient = (error: unknown) =>
  error instanceof CallError && ['unavailable', 'internal', 'offline'].includes(error.code);

/** Whether the network does not have this task, or no longer has it. */
export const isLost = (error: unknown) => error instanceof CallError && error.code === 'not_found';

/** After which a server that takes a question and does not answer it counts as down, in milliseconds. */
const ANSWER_MS = 10_000;

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const late = new AbortController();
  // what is sent may be large, and is not sent twice
  const timer = init.method ? undefined : setTimeout(() => late.abort(), ANSWER_MS);
  return await answerOf<T>(path, { ...init, signal: late.signal }).finally(() => clearTimeout(timer));
}

async function answerOf<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(`/api/${path}`, init).catch(() => {
    throw new CallError({ code: 'offline', message: 'The demo server is not responding.' });
  });
  const body = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const fallback = { code: 'internal', message: `The demo server returned status ${response.status}.` };
  const error: ApiError = body?.message ? body : fallback;
  if (error.code === 'signed_out') goToSignIn(error);
  throw new CallError(error);
}

/** The form says why, and leads back. */
function goToSignIn({ reason = 'none' }: ApiError): void {
  location.assign(`/sign-in?${new URLSearchParams({ reason, next: location.pathname + location.search })}`);
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const api = {
  catalogue: () => call<FamilyInfo[]>('catalogue'),
  visitor: () => call<VisitorView>('visitor'),
  network: () => call<NetworkReply>('network'),
  submit: (request: NewTaskRequest) => call<{ task_id: string }>('tasks', post(request)),
  task: (task_id: string) => call<TaskState>(`tasks/${task_id}`),
  cancel: (task_id: string) => call<{ msg: string }>(`tasks/${task_id}/cancel`, post({})),
  upload: (file: Blob) => call<UploadedFile>('files', { method: 'POST', body: file }),
};
