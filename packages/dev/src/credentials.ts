import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequencer } from '@heurist/sequencer';

/** The keys that a network of one's own starts with. */
export interface LocalCredentials {
  /** For apps: `HEURIST_API_KEY`. */
  consumer: string;
  /** For miners. */
  miner: string;
  /** For `heurist keys`: `HEURIST_OPERATOR_KEY`. */
  operator: string;
}

/**
 * The first keys of a sequencer. It stores them hashed, so they are kept beside the data, readable by their owner only.
 *
 * @param dataDir - without one, fresh keys are made and nothing is kept
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
  // written whole and then put in place: sequencers that share the folder may start together
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return fresh;
  } catch {
    const others = await readGood(sequencer, path);
    // keys of a network that is gone are replaced
    if (!others) renameSync(draft, path);
    return others ?? fresh;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The keys in a file, if the network knows them. */
async function readGood(sequencer: Sequencer, path: string): Promise<LocalCredentials | undefined> {
  if (!existsSync(path)) return undefined;
  const kept: Partial<LocalCredentials> = JSON.parse(readFileSync(path, 'utf8'));
  const roles = ['consumer', 'miner', 'operator'] as const;
  for (const role of roles) if (!(await sequencer.hasKey(role, kept[role] ?? ''))) return undefined;
  return kept as LocalCredentials;
}
