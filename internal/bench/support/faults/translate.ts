import type { WorkflowTaskResult } from '@heurist/core';

/** What a service says in place of what the sequencer says. */
export interface Words {
  /** The state of a job. */
  state: (state: WorkflowTaskResult) => unknown;
  /** Why a call is refused. */
  refusal: (message: string, code: string) => unknown;
  /** Status of a good answer. Default 200. */
  status?: number;
}

/** An answer in the words of a service. What is not the sequencer's own answer stays as it is: a proxy sent it, or it broke. */
export async function translate(response: Response, { state, refusal, status = 200 }: Words): Promise<Response> {
  const reader = response.body?.getReader();
  const first = await reader?.read();
  const said = parse(new TextDecoder().decode(first?.value));
  if (!response.ok && typeof said?.code === 'string') {
    const retryAfter = response.headers.get('retry-after');
    const headers: Record<string, string> = retryAfter ? { 'retry-after': retryAfter } : {};
    return Response.json(refusal(String(said.message), said.code), { status: response.status, headers });
  }
  if (response.ok && typeof said?.task_id === 'string') return Response.json(state(said as never), { status });
  const isBare = [204, 205, 304].includes(response.status);
  return new Response(isBare || !reader ? null : rest(first?.value, reader), response);
}

/** The events of a stream in the words of a service. What they do not say stays as it is. */
export function translateEvents(response: Response, words: (state: WorkflowTaskResult) => string): Response {
  if (!response.headers.get('content-type')?.includes('event-stream')) return response;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const lines = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = decoder.decode(chunk);
      const state = parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
      controller.enqueue(state ? encoder.encode(words(state as never)) : chunk);
    },
  });
  return new Response(response.body?.pipeThrough(lines), response);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function rest(
  first: Uint8Array | undefined,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => first && controller.enqueue(first),
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** The reason of a failed job. */
export function reasonOf({ error }: WorkflowTaskResult): string | undefined {
  const { message = error } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}

/** The statuses of a service, by ours. One that is unknown to both stays as it is. */
export function statusIn(names: Readonly<Record<string, string>>, { status }: WorkflowTaskResult): string {
  return names[status] ?? status;
}

/** What every service submits to the sequencer. */
export const JOB = { task_type: 'upscaler', task_details: { parameters: {} } };
