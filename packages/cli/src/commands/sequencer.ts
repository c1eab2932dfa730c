import { join } from 'node:path';
import { loadCredentials } from '@heurist/local';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { createConsoleLogger } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';
import { workflows } from '../workflows.ts';

/** Options of `heurist sequencer`. */
export interface SequencerCommandOptions {
  port: number;
  host: string;
  dataDir: string;
  leaseSeconds: number;
  publicUrl?: string;
  allowLegacyMiners?: boolean;
}

/** Runs a sequencer until it is stopped. */
export async function sequencer(options: SequencerCommandOptions): Promise<void> {
  const { port, host, dataDir, leaseSeconds, publicUrl, allowLegacyMiners = false } = options;
  const logger = createConsoleLogger();
  if (allowLegacyMiners)
    logger.warn('reference miners are let in: anybody who knows a miner address can take tasks in its name');
  const server = await createSequencer({
    database: await openDatabase(dataDir),
    artifacts: createFolderStore(join(dataDir, 'artifacts')),
    workflows,
    leaseSeconds,
    allowLegacyMiners,
    logger,
    ...(publicUrl && { publicUrl }),
  });
  const url = await server.listen({ port, host });
  const keys = await loadCredentials(server, dataDir);
  process.stdout.write(`Sequencer at ${url}

Apps:    HEURIST_WORKFLOW_URL=${publicUrl ?? url} HEURIST_API_KEY="${keys.consumer}"
Miners:  HEURIST_MINER_KEY="${keys.miner}" heurist miner --sequencer ${publicUrl ?? url} --comfyui http://127.0.0.1:8188
`);
  await untilStopped();
  await server.close();
}
