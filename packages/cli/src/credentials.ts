import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequencer } from '@heurist/sequencer';

/** The first keys of a sequencer. */
export interface LocalCredentials {
  /** For apps: `HEURIST_API_KEY`. */
  consumer: string;
  /** For miners. */
  miner: string;
  /** For `heurist keys`: `HEURIST_OPERATOR_KEY`. */
  operator: string;
}

/**
 * Loads the first keys of a sequencer from `credentials.json` in its data folder, or creates them. The sequencer stores
 * only hashes; the file is readable by its owner alone.
 *
 * @param dataDir - default: new keys, which are not stored
 */
export async function loadCredentials(sequencer: Sequencer, dataDir?: string): Promise<LocalCredentials> {
  const path = dataDir && join(dataDir, 'credentials.json');
  const kept = path ? await readGood(sequencer, path) : undefined;
  if (kept) return kept;
  const fresh = {
    consumer: await sequencer.createKey('consumer', 'local'),
    miner: await sequencer.createKey('miner', 'local'),
    operator: await sequencer.createKey('operator', 'local'),
  };
  if (!path) return fresh;
  mkdirSync(dataDir, { recursive: true });
  // written whole, then linked into place: sequencers that share the folder may start at the same time
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return fresh;
  } catch {
    const others = await readGood(sequencer, path);
    // keys of a former network are replaced
    if (!others) renameSync(draft, path);
    return others ?? fresh;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The keys in a file, if the sequencer knows them. */
async function readGood(sequencer: Sequencer, path: string): Promise<LocalCredentials | undefined> {
  if (!existsSync(path)) return undefined;
  const kept: Partial<LocalCredentials> = JSON.parse(readFileSync(path, 'utf8'));
  const roles = ['consumer', 'miner', 'operator'] as const;
  for (const role of roles) if (!(await sequencer.hasKey(role, kept[role] ?? ''))) return undefined;
  return kept as LocalCredentials;
}
