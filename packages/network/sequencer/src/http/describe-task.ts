import { isTerminal, type OutputDescription, type WorkflowTaskResult } from '@heurist/core';
import { etaSeconds } from '../tasks/run-times.ts';
import { type TaskPlace, type TaskRecord, toResult } from '../tasks/table/task-record.ts';
import type { SequencerServices } from './services.ts';
import { warningFor } from './unservable.ts';

/** Everything that a consumer may see of a task now; its preview, which is large, only if it is wanted. */
export async function describeTask(
  services: SequencerServices,
  task: TaskRecord,
  linkBase: string,
  withPreview = true,
): Promise<WorkflowTaskResult<OutputDescription>> {
  const result = toResult(task);
  if (task.status === 'waiting') {
    result.queue_position = await services.tasks.queuePosition(task);
    const warning = await warningFor(services, { ...task, parameters: task.task_details.parameters });
    if (warning) result.warning = warning;
  } else {
    // while it waits, the warning says what it waits for
    const advice = services.adviseTask(task.workflow_id, task.task_details.parameters);
    if (advice) result.warning = advice.warning;
  }
  const eta_seconds = await etaOf(services, task, result.queue_position);
  if (eta_seconds !== undefined) result.eta_seconds = eta_seconds;
  if (result.progress && withPreview) {
    const preview = await services.previews.get(task.task_id);
    if (preview) result.progress.preview = preview;
  }
  if (task.status !== 'finished' || !task.artifact_ids?.length) return result;
  const artifacts = await services.artifacts.list(task.artifact_ids);
  const outputs = artifacts.map(({ artifact_id, description }): OutputDescription => {
    const { kind = 'file', sha256 = '', filename = artifact_id } = description;
    return { ...description, kind, sha256, filename, url: services.artifacts.signUrl(artifact_id, 'read', linkBase) };
  });
  const texts = outputs.flatMap(({ text }) => text ?? []);
  return { ...result, result: outputs[0]?.url, outputs, ...(texts.length && { text: texts.join('\n') }) };
}

/** In how many seconds a task will end, if that can be estimated. */
export async function etaOf(
  { tasks, miners, runTimes, sharedClock }: SequencerServices,
  task: TaskPlace,
  position?: number,
): Promise<number | undefined> {
  if (isTerminal(task.status)) return undefined;
  const live = await miners.list();
  return etaSeconds({
    position: task.status === 'waiting' ? (position ?? (await tasks.queuePosition(task))) : undefined,
    miners: live.filter(({ workflow_ids }) => workflow_ids.includes(task.workflow_id)).length,
    meanMs: (await runTimes.of(task.workflow_id))?.run ?? undefined,
    elapsedMs: task.claimed_at ? Math.max(0, sharedClock.now() - task.claimed_at.getTime()) : 0,
    percent: task.progress?.percent ?? 0,
  });
}
