// A miner by the wire protocol that only pretends to load and to run: what is measured is who gets what.
import { createHash } from 'node:crypto';
import { sleep } from '@heurist/server-kit/sleep';

interface Settings {
  url: string;
  key: string;
  workflow_ids: readonly string[];
  load_ms: number;
  run_ms: number;
  /** Says which models it holds, as a miner of today does; one of before says nothing. */
  saysModels: boolean;
}

interface Task {
  task_id: string | null;
  workflow_id: string;
  lease_id: string;
}

/** What became of a miner's tasks. */
interface Served {
  warm: number;
  cold: number;
}

/** The smallest picture. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const OUTPUT = {
  filename: 'a.png',
  kind: 'image',
  content_type: 'image/png',
  bytes: PICTURE.length,
  sha256: createHash('sha256').update(PICTURE).digest('hex'),
};
const WAIT_SECONDS = 5;

/** Serves tasks until the signal fires. It holds one model at a time, whose key is that of the task's workflow. */
export async function serveTasks(settings: Settings, keyOf: (workflow_id: string) => string, signal: AbortSignal) {
  const { load_ms, run_ms, saysModels, workflow_ids } = settings;
  const served: Served = { warm: 0, cold: 0 };
  let held: string | undefined;
  const deliveries: Promise<void>[] = [];
  while (!signal.aborted) {
    const warm = held === undefined ? [] : [{ key: held, load_ms }];
    const claim = { workflow_ids, wait_seconds: WAIT_SECONDS, ...(saysModels && { warm }) };
    const task = await call<Task>(settings, 'miner_request', claim, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!task?.task_id) continue;
    const isWarm = keyOf(task.workflow_id) === held;
    held = keyOf(task.workflow_id);
    served[isWarm ? 'warm' : 'cold']++;
    await sleep((isWarm ? 0 : load_ms) + run_ms);
    // while the next one runs, as real miners do
    deliveries.push(deliver(settings, task, isWarm ? 0 : load_ms / 1000));
  }
  await Promise.all(deliveries);
  return served;
}

async function deliver(settings: Settings, { lease_id }: Task, model_load_latency: number): Promise<void> {
  const slot = await call<{ artifact_id: string; upload_url: string; upload_headers?: Record<string, string> }>(
    settings,
    'miner_upload',
    { lease_id, ...OUTPUT },
  );
  const headers = slot.upload_headers ?? {};
  const stored = await fetch(slot.upload_url, { method: 'PUT', body: PICTURE, headers });
  if (!stored.ok) throw new Error(`The upload was refused: ${stored.status} ${await stored.text()}`);
  await call(settings, 'miner_submit', {
    lease_id,
    success: true,
    artifact_ids: [slot.artifact_id],
    model_load_latency,
  });
}

/** Calls a sequencer. */
export async function call<Reply>(
  { url, key }: Pick<Settings, 'url' | 'key'>,
  name: string,
  body: object,
  signal?: AbortSignal,
): Promise<Reply> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/${name}`, signal ? { ...init, signal } : init);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Reply;
}
