import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { expect } from 'vitest';
import { expectCanceled, expectSentences, runTo } from './program.ts';
import type { Stage } from './stage.ts';

/** Killed after so many. */
const KILLED_AT = 30;

export async function tryBatch(stage: Stage): Promise<void> {
  const app = await stage.install('batch');
  await app.line('npm run typecheck');
  app.set(stage.settings);
  const before = await finished(stage);
  const first = await runTo(app, 'node main.ts icons-1', (text, send) => {
    if (text.includes(`\n${KILLED_AT}/100 `)) send('SIGKILL');
  });
  expect(first.code).toBeNull();
  const second = await runTo(app, 'node main.ts icons-1');
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
  const [tasks, again] = [tasksOf(first.stdout), tasksOf(second.stdout)];
  // the second run has found the tasks of the first
  expect(tasks.size).toBeGreaterThanOrEqual(KILLED_AT);
  expect([...again].filter(([path]) => tasks.has(path))).toEqual(expect.arrayContaining([...tasks]));
  expect(new Set(again.values()).size).toBe(100);
  expect(readdirSync(join(app.folder, 'out/icons-1'))).toHaveLength(100);
  // and the network ran a hundred, none twice
  await expect.poll(() => finished(stage)).toBe(before + 100);
  await expectSentences(app, 'node main.ts', stage);
  await expectCanceled(app, 'node main.ts icons-2', stage, /^100 of 100 failed\./);
}

/** Path of the picture -> task. */
const tasksOf = (printed: string) =>
  new Map([...printed.matchAll(/^\d+\/100 (\S+) \(task (\S+)\)$/gm)].map(([, path, task]) => [path, task]));

/** Tasks of the tiny model that the network has finished. */
async function finished({ settings }: Stage): Promise<number> {
  const heurist = new Heurist({ workflowURL: settings.HEURIST_WORKFLOW_URL, apiKey: settings.HEURIST_API_KEY });
  const { workflows } = await heurist.workflow.networkStatus();
  return workflows.find(({ workflow_id }) => workflow_id === 'tiny')!.finished;
}
