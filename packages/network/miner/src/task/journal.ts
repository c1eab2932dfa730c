import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { LeasedTask } from '../sequencer/sequencer-client.ts';
import type { TaskRun } from './run-task.ts';

/** A task that is with a ComfyUI: queued there, or finished and not yet acknowledged by the sequencer. */
export interface JournalEntry {
  /** Address of the ComfyUI. */
  comfyui: string;
  /** With what it is about: a prompt that never reached the ComfyUI is made again. */
  task: LeasedTask;
  /** Empty until it is about to be queued. */
  prompt_id: string;
  /** Inputs that were uploaded, by their names there. */
  inputs?: string[];
  /** Subfolders that the graph saves into. */
  folders?: string[];
  /** As far as it is known: without outputs, the graph has not finished. */
  run: Omit<TaskRun, 'outputs'> & Partial<Pick<TaskRun, 'outputs'>>;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** How long the graph took, once it has finished. */
  seconds?: number;
}

/** The work of a miner in flight, on disk: so that work on a GPU outlives the process that asked for it. */
export interface Journal {
  write(entry: JournalEntry): Promise<void>;
  /** What was written of a task, if it was on this ComfyUI. */
  find(task_id: string, comfyui: string): Promise<JournalEntry | undefined>;
  list(comfyui: string): Promise<JournalEntry[]>;
  /** Removes the entries that no longer count, and returns them. */
  takeExpired(comfyui: string): Promise<JournalEntry[]>;
  remove(task_id: string): Promise<void>;
}

/** How long an entry counts, in milliseconds: older files of ComfyUI may be gone. */
export const KEPT_MS = 24 * 3600_000;

/** A journal in a folder of its own, one file per task. */
export function openJournal(path: string, clock: Clock = systemClock): Journal {
  // mkdir of a relative path never ends once the working directory is gone
  const folder = resolve(path);
  // a task id comes from outside and must not become a path
  const fileOf = (task_id: string) => join(folder, `${createHash('sha256').update(task_id).digest('hex')}.json`);

  async function read(path: string): Promise<JournalEntry | undefined> {
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      // cut off by a full disk
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') await rm(path, { force: true });
      return undefined;
    }
  }

  async function readAll(comfyui: string): Promise<JournalEntry[]> {
    const names = await readdir(folder).catch(() => []);
    const entries = await Promise.all(
      names.filter((name) => name.endsWith('.json')).map((name) => read(join(folder, name))),
    );
    return entries.filter((entry) => entry?.comfyui === comfyui) as JournalEntry[];
  }

  const isExpired = ({ startedAt }: JournalEntry) => clock.now() - startedAt >= KEPT_MS;

  return {
    async write(entry) {
      const path = fileOf(entry.task.task_id);
      // leases and prompts are nobody else's business
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.part`, JSON.stringify(entry), { mode: 0o600, flush: true });
      await rename(`${path}.part`, path);
    },
    async find(task_id, comfyui) {
      const entry = await read(fileOf(task_id));
      return entry?.comfyui === comfyui && !isExpired(entry) ? entry : undefined;
    },
    list: async (comfyui) => (await readAll(comfyui)).filter((entry) => !isExpired(entry)),
    async takeExpired(comfyui) {
      const expired = (await readAll(comfyui)).filter(isExpired);
      await Promise.all(expired.map(({ task }) => rm(fileOf(task.task_id), { force: true })));
      return expired;
    },
    async remove(task_id) {
      await rm(fileOf(task_id), { force: true });
    },
  };
}

/** A journal for miners without a folder: nothing outlives the process. */
export const noJournal: Journal = {
  async write() {},
  async find() {
    return undefined;
  },
  async list() {
    return [];
  },
  async takeExpired() {
    return [];
  },
  async remove() {},
};
