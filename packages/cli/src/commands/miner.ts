import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { createMiner } from '@heurist/miner';
import { createConsoleLogger, type LogFormat } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist miner`. */
export interface MinerCommandOptions {
  sequencer: string;
  comfyui: string;
  key?: string;
  allowPrivateInputs?: boolean;
  allowInsecureHttp?: boolean;
  logFormat: LogFormat;
}

/** Runs a miner until it is stopped. It then finishes what it has. */
export async function miner(options: MinerCommandOptions, workflows: readonly WorkflowDefinition[]): Promise<void> {
  const { key, sequencer, comfyui, allowPrivateInputs = false, allowInsecureHttp = false } = options;
  if (!key)
    throw new HeuristError('No miner key. Set HEURIST_MINER_KEY to the one that `heurist sequencer` prints.', {
      code: 'invalid_configuration',
    });
  const logger = createConsoleLogger(options.logFormat);
  const running = createMiner({ sequencer, comfyui, key, workflows, logger, allowPrivateInputs, allowInsecureHttp });
  const checks = await running.start();
  for (const { workflow_id, missing } of checks)
    if (missing.length) process.stderr.write(`Cannot run ${workflow_id}: lacks ${missing.join(', ')}\n`);
  const offered = checks.filter(({ missing }) => !missing.length).map(({ workflow_id }) => workflow_id);
  process.stdout.write(`Miner ready: ${comfyui} runs ${offered.join(', ')}.\n`);
  // a key that is not good ends the miner, and the command with it
  await Promise.race([untilStopped(), running.ended]);
  process.stderr.write('Finishing what is running; press Ctrl-C again to stop now.\n');
  await running.stop();
}
