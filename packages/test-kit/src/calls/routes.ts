import type { loadProtocol } from '../core.ts';
import { type IncomingCall, json, type Reply } from '../http/reply.ts';
import type { TestTask } from '../tasks/test-task.ts';
import { checkCount } from './check-count.ts';
import { readBody } from './read-body.ts';
import { noTask, Refusal } from './refusal.ts';
import { requireConsumer, type Services, WEBHOOK_SECRET } from './services.ts';
import { streamTask, streamTasks } from './stream-task.ts';
import { submitTask } from './submit-task.ts';
import { submitTasks } from './submit-tasks.ts';

type Protocol = Awaited<ReturnType<typeof loadProtocol>>;
type Route = (call: IncomingCall, services: Services, protocol: Protocol) => Promise<Reply>;

const UPLOAD_BYTES = 200_000_000;
/** Tasks in one query and on one stream. */
const QUERIED_TASKS = 500;
const STREAMED_TASKS = 2000;

/** The consumer's calls of the protocol. */
export const routes: Record<string, Route> = {
  async resource_request(call, services, { resourceRequestSchema }) {
    requireConsumer(call, services, await readBody(call, resourceRequestSchema));
    return json({ miner_id: 'any', msg: 'Miners claim tasks by themselves.' });
  },

  async task_create(call, services, { taskCreateSchema }) {
    const body = await readBody(call, taskCreateSchema);
    return json(await submitTask(call, services, body, requireConsumer(call, services, body)));
  },

  tasks_create: submitTasks,

  async task_result_query(call, services, protocol) {
    return json((await readTask(call, services, protocol)).state);
  },

  async task_cancel(call, services, protocol) {
    const task = await readTask(call, services, protocol);
    const { task_id, isOver } = task;
    task.cancel();
    return json({ task_id, msg: isOver ? `The task has already ended (${task.status}).` : 'canceled' });
  },

  async task_events(call, services, protocol) {
    return streamTask(call, await readTask(call, services, protocol), services.clock);
  },

  async tasks_query(call, services, { tasksQuerySchema }) {
    const body = await readBody(call, tasksQuerySchema);
    requireConsumer(call, services, body);
    checkCount('task_ids', body.task_ids.length, QUERIED_TASKS);
    return json({ results: body.task_ids.map((id) => services.tasks.get(id)?.state ?? noTask(id)) });
  },

  async tasks_events(call, services, { tasksEventsSchema }) {
    const body = await readBody(call, tasksEventsSchema);
    requireConsumer(call, services, body);
    checkCount('tasks', new Set(body.tasks.map(({ task_id }) => task_id)).size, STREAMED_TASKS);
    return streamTasks(call, body.tasks, services.tasks, services.clock);
  },

  async file_create(call, services, { fileCreateSchema, mostFileBytes }) {
    const body = await readBody(call, fileCreateSchema);
    requireConsumer(call, services, body);
    const { content_type, bytes } = body;
    requireSize(bytes, mostFileBytes(services.workflows, body) ?? UPLOAD_BYTES, body.parameter);
    const stored = body.sha256 ? services.files.find(body.sha256, content_type) : undefined;
    const id = stored ?? services.files.add(content_type, bytes);
    const { origin } = call.url;
    return json({
      upload_url: services.files.url(id, 'write', origin),
      url: services.files.url(id, 'read', origin),
      ...(body.sha256 && { is_stored: stored !== undefined }),
    });
  },

  async network_status(call, services, { networkRequestSchema }) {
    requireConsumer(call, services, await readBody(call, networkRequestSchema));
    const workflow_ids = services.workflows.map(({ workflow_id }) => workflow_id);
    const count = (id: string, status: string) =>
      [...services.tasks.values()].filter((task) => task.submitted.workflow_id === id && task.status === status).length;
    return json({
      miners: [{ miner_id: 'test-miner', is_busy: false, workflow_ids, lacks: {} }],
      workflows: services.workflows.map(({ workflow_id, task_type, title }) => ({
        workflow_id,
        task_type,
        title,
        miners: 1,
        waiting: count(workflow_id, 'waiting'),
        running: count(workflow_id, 'running'),
        finished: count(workflow_id, 'finished'),
        failed: count(workflow_id, 'failed'),
      })),
      recent_failures: [...services.tasks.values()].flatMap(({ task_id, state, submitted: { workflow_id } }) =>
        state.error
          ? [{ task_id, workflow_id, ended_at: new Date(services.clock.now()).toISOString(), error: state.error }]
          : [],
      ),
      dead_webhooks: [],
    });
  },

  async webhook_secret(call, services, { networkRequestSchema }) {
    requireConsumer(call, services, await readBody(call, networkRequestSchema));
    return json({ secret: WEBHOOK_SECRET });
  },
};

async function readTask(call: IncomingCall, services: Services, { taskRefSchema }: Protocol): Promise<TestTask> {
  const body = await readBody(call, taskRefSchema);
  requireConsumer(call, services, body);
  const { task_id } = body;
  const task = services.tasks.get(task_id);
  if (!task) throw new Refusal('not_found', noTask(task_id).message, { task_id });
  return task;
}

/** @throws {Refusal} `payload_too_large` for a file that no workflow takes */
function requireSize(bytes: number, taken: number, parameter: string | null | undefined): void {
  if (bytes <= Math.min(UPLOAD_BYTES, taken)) return;
  const taker = parameter ? `\`${parameter}\`` : 'a workflow of this network';
  const limit = taken < UPLOAD_BYTES ? `the ${taken} that ${taker} takes` : `the limit of ${UPLOAD_BYTES}`;
  throw new Refusal('payload_too_large', `The file has ${bytes} bytes, more than ${limit}. Make it smaller.`);
}
