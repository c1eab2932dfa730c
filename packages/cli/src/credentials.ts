import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequencer } from '@heurist/sequencer';
import { type LocalCredentials, readCredentials } from './credentials-file.ts';

export type { LocalCredentials };

const OWNER = 'local';

/**
 * Loads the first keys of a sequencer from `credentials.json` in its data folder. In a network that never had any keys it creates
 * them, once: revoked ones are not made again. The sequencer stores only hashes; the file is readable by its owner alone.
 *
 * @param dataDir - default: the keys are not stored
 * @param renewed - roles whose key is made again if it was revoked, for a process that is consumer and miner itself
 * @returns those that are valid
 */
export async function loadCredentials(
  sequencer: Sequencer,
  dataDir?: string,
  renewed: readonly Exclude<keyof LocalCredentials, 'operator'>[] = [],
): Promise<Partial<LocalCredentials>> {
  const path = dataDir && join(dataDir, 'credentials.json');
  const fresh = await sequencer.createFirstKeys(OWNER, (keys) => path && save(path, keys));
  if (fresh) return fresh;
  const valid = path ? await readValid(sequencer, path) : {};
  const missing = renewed.filter((role) => !valid[role]);
  for (const role of missing) valid[role] = await sequencer.createKey(role, OWNER);
  if (path && missing.length) save(path, valid);
  return valid;
}

/** Written whole, then put into place: others may read it at the same time. */
function save(path: string, keys: Partial<LocalCredentials>): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The keys in a file that the sequencer knows. */
async function readValid(sequencer: Sequencer, path: string): Promise<Partial<LocalCredentials>> {
  const kept = readCredentials(path);
  const valid: Partial<LocalCredentials> = {};
  for (const role of ['consumer', 'miner', 'operator'] as const)
    if (await sequencer.hasKey(role, kept[role] ?? '')) valid[role] = kept[role]!;
  return valid;
}
