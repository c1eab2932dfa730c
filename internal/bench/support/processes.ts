// The processes of a benchmark: replicas and the load process. Each ends with its parent.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Beats, BusyJob, Job, Target } from './job.ts';

const start = (name: string, args: string[] = []) => fork(fileURLToPath(new URL(name, import.meta.url)), args);

/** Starts sequencers that share a database. */
export async function startReplicas(count: number, database: string, folder: string) {
  const children: ChildProcess[] = [];
  const targets: Target[] = [];
  for (let index = 0; index < count; index++) {
    const child = start('./replica.ts', [database, folder]);
    children.push(child);
    const [target] = await once(child, 'message');
    targets.push(target as Target);
  }
  return { targets, pids: children.map(({ pid }) => pid!), stop: () => stopAll(children) };
}

/** Starts miners that do nothing but send heartbeats. */
export function startBusyMiners() {
  const child = start('./busy-miners.ts');
  return {
    pid: child.pid!,
    async run(job: BusyJob): Promise<Beats> {
      child.send(job);
      const [{ beats, error }] = (await once(child, 'message')) as [{ beats?: Beats; error?: string }];
      if (!beats) throw new Error(error);
      return beats;
    },
    stop: () => stopAll([child]),
  };
}

/** Starts a load process. */
export function startLoad() {
  const child = start('./load.ts');
  return {
    async run(job: Job): Promise<number[]> {
      child.send(job);
      const [{ figures, error }] = (await once(child, 'message')) as [{ figures?: number[]; error?: string }];
      if (!figures) throw new Error(error);
      return figures;
    },
    stop: () => stopAll([child]),
  };
}

async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    }),
  );
}
