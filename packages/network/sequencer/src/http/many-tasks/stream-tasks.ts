import { tasksEventsSchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { admitItems } from '../admit-items.ts';
import { requireCaller } from '../authenticate.ts';
import { openEventStream, writeTaskEvent } from '../event-stream.ts';
import { linkBaseOf } from '../link-base.ts';
import { readRequest } from '../read-request.ts';
import type { SequencerServices } from '../services.ts';
import { followTasks } from './follow-tasks.ts';
import { describeTasks, noTask } from './query-tasks.ts';

/** This many tasks count as one stream. */
const TASKS_PER_STREAM = 50;

/** `POST /tasks_events`: one stream for many tasks. Whoever wants to follow others opens the next one, and says what it has. */
export async function streamTasks(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, tasksEventsSchema);
  const consumer = await requireCaller(c, services, body);
  const tasks = new Map(body.tasks.map((asked) => [asked.task_id, asked]));
  admitItems(services, consumer, 'tasks', tasks.size, 'streamedTasks');
  const weight = Math.ceil(tasks.size / TASKS_PER_STREAM);
  const request = await services.openRequests.open(consumer, 'stream', weight);
  const { bus, clock } = services;
  const linkBase = linkBaseOf(c, services);
  return openEventStream(c, services, request, async (stream, signal) => {
    await stream.writeSSE({ event: 'open', data: JSON.stringify({ tasks: tasks.size }) });
    const read = (task_ids: readonly string[]) => describeTasks(services, task_ids, consumer, linkBase, true);
    for await (const event of followTasks({ tasks, bus, clock, signal, read }))
      if (event === 'keep-alive') await stream.write(': keep-alive\n\n');
      else if ('state' in event) await writeTaskEvent(stream, event);
      else await stream.writeSSE({ event: 'gone', data: JSON.stringify(noTask(event.gone)) });
  });
}
