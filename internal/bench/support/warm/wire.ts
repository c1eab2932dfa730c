// Warm routing for real: a sequencer with PostgreSQL, and miners by the wire protocol. All tasks wait at the start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelKeyOf } from '@heurist/core/definition';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import type { TestServer } from '@heurist/test-servers/postgres';
import { paintWith } from '@heurist/test-servers/workflows';
import { poisson } from './arrivals.ts';
import { call, serveTasks } from './wire-miner.ts';

export interface WireScenario {
  models: number;
  miners: number;
  load_ms: number;
  run_ms: number;
  tasks: number;
  seed: number;
  /** Whether the miners say which models they hold. */
  saysModels: boolean;
}

/** How it went, from the first claim to the end of the last task. The share of tasks whose models were loaded when they started. */
export interface WireFigures {
  warm: number;
  seconds: number;
}

const LIMITS = { openTasks: 1e6, tasksPerMinute: 1e6, callsPerMinute: 1e9, leases: 1000 };
const POLL_MS = 20;

/** Runs the tasks of a scenario on a new network. */
export async function measureWire(server: TestServer, scenario: WireScenario): Promise<WireFigures> {
  const { models, miners, load_ms, run_ms, saysModels, tasks } = scenario;
  const workflows = Array.from({ length: models }, (_, model) => paintWith(`paint${model}`, `m${model}.safetensors`));
  const keys = new Map(workflows.map((workflow) => [workflow.workflow_id, modelKeyOf(workflow)]));
  const folder = mkdtempSync(join(tmpdir(), 'warm-'));
  const sequencer = await createSequencer({
    database: await openDatabase(await server.createDatabase()),
    artifacts: createFolderStore(folder),
    workflows,
    limits: LIMITS,
  });
  const stop = new AbortController();
  try {
    const url = await sequencer.listen();
    const consumer = { url, key: await sequencer.createKey('consumer', 'app') };
    const task_ids = await submitAll(consumer, scenario);
    const workflow_ids = [...keys.keys()];
    const started = performance.now();
    const serving = Promise.all(
      Array.from({ length: miners }, async (_, index) => {
        const key = await sequencer.createKey('miner', `miner${index}`);
        const settings = { url, key, workflow_ids, load_ms, run_ms, saysModels };
        return await serveTasks(settings, (workflow_id) => keys.get(workflow_id)!, stop.signal);
      }),
    );
    await Promise.race([waitForAll(consumer, task_ids), serving]);
    const seconds = (performance.now() - started) / 1000;
    stop.abort();
    const warm = (await serving).reduce((sum, served) => sum + served.warm, 0);
    return { warm: warm / tasks, seconds };
  } finally {
    stop.abort();
    await sequencer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Consumer = Parameters<typeof call>[0];

async function submitAll(consumer: Consumer, { models, tasks, seed }: WireScenario): Promise<string[]> {
  // the tasks of a simulation with this seed
  const arrivals = poisson(models, Infinity, seed);
  const all = Array.from({ length: tasks }, (_, color) => ({
    workflow_id: `paint${arrivals.next().value.model}`,
    task_type: 'paint',
    task_details: { parameters: { color } },
  }));
  const { results } = await call<{ results: { task_id?: string; error?: unknown }[] }>(consumer, 'tasks_create', {
    tasks: all,
  });
  return results.map(({ task_id, error }) => {
    if (!task_id) throw new Error(`A task was refused: ${JSON.stringify(error)}`);
    return task_id;
  });
}

async function waitForAll(consumer: Consumer, task_ids: readonly string[]): Promise<void> {
  let left = [...task_ids];
  while (left.length) {
    await sleep(POLL_MS);
    // the last ones are enough to know
    const { results } = await call<{ results: { task_id: string; status?: string }[] }>(consumer, 'tasks_query', {
      task_ids: left.slice(0, 20),
    });
    const ended = new Set(results.filter(({ status }) => status === 'finished').map(({ task_id }) => task_id));
    left = left.filter((task_id) => !ended.has(task_id));
    if (results.some(({ status }) => status === 'failed')) throw new Error('A task has failed.');
  }
}
