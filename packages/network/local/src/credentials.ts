import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequencer } from '@heurist/sequencer';

/** The keys that a network of one's own starts with. */
export interface LocalCredentials {
  /** For apps: `HEURIST_API_KEY`. */
  consumer: string;
  /** For miners. */
  miner: string;
}

/**
 * The first keys of a sequencer. It stores them hashed, so they are kept beside the data, readable by their owner only.
 *
 * @param dataDir - without one, fresh keys are made and nothing is kept
 */
export async function loadCredentials(sequencer: Sequencer, dataDir?: string): Promise<LocalCredentials> {
  const path = dataDir && join(dataDir, 'credentials.json');
  if (path && existsSync(path)) {
    const kept: LocalCredentials = JSON.parse(readFileSync(path, 'utf8'));
    if (await sequencer.hasKey('consumer', kept.consumer)) return kept;
  }
  const fresh = {
    consumer: await sequencer.createKey('consumer', 'local'),
    miner: await sequencer.createKey('miner', 'local'),
  };
  if (path) writeFileSync(path, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
  return fresh;
}
