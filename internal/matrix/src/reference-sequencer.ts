// A sequencer that knows what the reference client calls, and nothing else: a header for the key, event streams, files and retries with
// the same `job_id` are unknown to it.
import { createServer, type IncomingMessage } from 'node:http';
import { listen } from '@heurist/server-kit/listen';

/** Fields that the reference client sends with each of its calls. */
const FIELDS: Record<string, readonly string[]> = {
  resource_request: ['consumer_id', 'api_key', 'workflow_id', 'task_type'],
  task_create: ['consumer_id', 'api_key', 'task_type', 'task_details', 'job_id', 'workflow_id', 'timeout_seconds'],
  task_result_query: ['task_id', 'api_key'],
  task_cancel: ['task_id', 'api_key'],
};

/** States of a task, one for each query. */
const STATES = ['waiting', 'running', 'finished'] as const;

export interface ReferenceSequencer extends AsyncDisposable {
  url: string;
  apiKey: string;
  /** Names of the calls so far. */
  calls: string[];
}

interface Answer {
  status: number;
  body: object;
}

export async function startReferenceSequencer(): Promise<ReferenceSequencer> {
  const tasks = new Map<string, { type: string; queries: number; isCanceled: boolean }>();
  const calls: string[] = [];
  const refuse = (status: number, message: string): Answer => ({ status, body: { message } });

  function answer(name: string, body: Record<string, string>): Answer {
    const fields = FIELDS[name];
    if (!fields) return refuse(404, 'Not Found');
    const foreign = Object.keys(body).filter((field) => !fields.includes(field));
    if (foreign.length) return refuse(400, `unexpected fields: ${foreign.join(', ')}`);
    if (body.api_key !== 'reference-key') return refuse(401, 'invalid api key');
    if (name === 'resource_request') return { status: 200, body: { miner_id: 'miner-1' } };
    if (name === 'task_create') {
      if (body.consumer_id !== 'acme') return refuse(401, 'invalid consumer');
      const task_id = `task-${tasks.size + 1}`;
      tasks.set(task_id, { type: body.task_type ?? '', queries: 0, isCanceled: false });
      return { status: 200, body: { task_id } };
    }
    const task = tasks.get(body.task_id ?? '');
    if (!task) return { status: 404, body: { error: 'task not found' } };
    if (name === 'task_cancel') {
      task.isCanceled = true;
      return { status: 200, body: { task_id: body.task_id, msg: 'ok' } };
    }
    return { status: 200, body: { task_id: body.task_id, ...stateOf(task) } };
  }

  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1);
    calls.push(name);
    const { status, body } = answer(name, JSON.parse((await readText(request)) || '{}'));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return {
    url: await listen(server, 0, '127.0.0.1'),
    apiKey: 'acme#reference-key',
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A result is documented as a name, and as `{ url }`. */
function stateOf(task: { type: string; queries: number; isCanceled: boolean }): object {
  if (task.isCanceled) return { status: 'canceled' };
  const status = STATES[Math.min(task.queries++, STATES.length - 1)];
  if (status !== 'finished') return { status };
  if (task.type === 'txt2vid') return { status: 'failed' };
  const url = 'https://files.example.com/flux-lora/out.jpg';
  return { status, result: task.type === 'upscaler' ? { url } : url };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
