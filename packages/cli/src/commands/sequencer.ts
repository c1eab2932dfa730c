import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { loadCredentials } from '@heurist/local';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { createConsoleLogger } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist sequencer`. */
export interface SequencerCommandOptions {
  port: number;
  host: string;
  dataDir: string;
  /** `postgres://` address; without one, the database is in the data folder. */
  database?: string;
  leaseSeconds: number;
  retentionDays: number;
  publicUrl?: string;
  allowLegacyMiners?: boolean;
}

/** Runs a sequencer until it is stopped. */
export async function sequencer(
  options: SequencerCommandOptions,
  workflows: readonly WorkflowDefinition[],
): Promise<void> {
  const {
    port,
    host,
    dataDir,
    database = dataDir,
    leaseSeconds,
    retentionDays,
    publicUrl,
    allowLegacyMiners = false,
  } = options;
  const logger = createConsoleLogger();
  if (allowLegacyMiners)
    logger.warn('reference miners are let in: anybody who knows a miner address can take tasks in its name');
  const server = await createSequencer({
    database: await openDatabase(database),
    artifacts: createFolderStore(join(dataDir, 'artifacts')),
    workflows,
    leaseSeconds,
    retentionDays,
    allowLegacyMiners,
    logger,
    ...(publicUrl && { publicUrl }),
  });
  const url = await server.listen({ port, host });
  await loadCredentials(server, dataDir);
  // no keys here: what a service prints ends up in logs
  process.stdout.write(`Sequencer at ${url}
The first keys, for an app and for a miner, are in ${join(dataDir, 'credentials.json')}.
Miners:  heurist miner --sequencer ${publicUrl ?? url} --comfyui http://127.0.0.1:8188
`);
  await untilStopped();
  await server.close();
}
