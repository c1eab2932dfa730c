// Calls without a client of ours: what is seen here is what crosses the wire.
import type { TestSequencer } from '../src/index.ts';

/** What a caller saw: a status with its body, or the code of what broke. */
export interface Seen {
  status?: number;
  headers?: Headers;
  text?: string;
  /** Code of the error, or `timeout` after 300 ms of silence. */
  broke?: string;
}

const SILENCE_MS = 300;

export function post(sequencer: TestSequencer, name: string, body: object = {}, headers = {}): Promise<Seen> {
  const { url, options } = sequencer;
  const authorization = `Bearer ${options.apiKey}`;
  return look(`${url}/${name}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization, ...headers },
    body: JSON.stringify(body),
  });
}

export async function look(url: string, init: RequestInit = {}): Promise<Seen> {
  const seen: Seen = {};
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(SILENCE_MS) });
    seen.status = response.status;
    seen.headers = response.headers;
    for await (const chunk of response.body ?? []) seen.text = (seen.text ?? '') + Buffer.from(chunk).toString();
  } catch (error) {
    seen.broke = codeOf(error as Error & { code?: unknown });
  }
  return seen;
}

function codeOf(error: Error & { code?: unknown }): string {
  if (error.name === 'TimeoutError') return 'timeout';
  const cause = error.cause as { code?: string } | undefined;
  return cause?.code ?? String(error.code ?? error.message);
}

export async function submit(sequencer: TestSequencer, job_id = crypto.randomUUID()): Promise<string> {
  const { text } = await post(sequencer, 'task_create', {
    task_type: 'echo',
    task_details: { parameters: {} },
    job_id,
  });
  return JSON.parse(text ?? '').task_id;
}
