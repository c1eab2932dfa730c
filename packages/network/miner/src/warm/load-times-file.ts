import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from '@heurist/core/protocol';
import type { LoadTimes } from './held-models.ts';

/** What was measured of a ComfyUI before, and how to keep what is measured now. */
export interface LoadTimesFile {
  times: Record<string, LoadTimes>;
  save(times: Record<string, LoadTimes>): void;
}

/** For miners without a folder: they measure again after a restart. */
export const noLoadTimes: LoadTimesFile = { times: {}, save: () => {} };

/**
 * Load times on disk, one file for each ComfyUI. A disk that fails costs a measurement, no task.
 *
 * @param path - the folder of the miner
 * @param comfyui - address of the ComfyUI
 */
export function openLoadTimes(path: string, comfyui: string, logger: Logger): LoadTimesFile {
  // mkdir of a relative path never ends once the working directory is gone
  const folder = join(resolve(path), 'models');
  const file = join(folder, `${createHash('sha256').update(comfyui).digest('hex')}.json`);
  let saving = Promise.resolve();
  const save = async (times: Record<string, LoadTimes>) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.part`, JSON.stringify(times), { mode: 0o600 });
    await rename(`${file}.part`, file);
  };
  return {
    times: read(file),
    save(times) {
      saving = saving
        .then(() => save(times))
        .catch((error) => logger.warn('measured load times were not saved', { message: `${error}` }));
    },
  };
}

/** A file that cannot be read, or holds something else, is written anew. */
function read(file: string): Record<string, LoadTimes> {
  try {
    const times: Record<string, LoadTimes> = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(Object.entries(times).filter(([, each]) => isTimes(each)));
  } catch {
    return {};
  }
}

function isTimes(value: unknown): value is LoadTimes {
  const { ready, loaders } = (value ?? {}) as Partial<LoadTimes>;
  const areTimes = (times: unknown) => Array.isArray(times) && times.every(Number.isFinite);
  return (
    typeof ready === 'object' &&
    ready !== null &&
    areTimes(loaders) &&
    Object.values(ready).every((each) => areTimes(each?.cold) && areTimes(each?.warm))
  );
}
