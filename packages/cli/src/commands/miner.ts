import { setTimeout as sleep } from 'node:timers/promises';
import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { createMiner, type Miner } from '@heurist/miner';
import { createConsoleLogger, type LogFormat } from '../console-logger.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist miner`. */
export interface MinerCommandOptions {
  sequencer?: string;
  /** One or more addresses. */
  comfyui?: string[];
  key?: string;
  prefetch: number;
  allowPrivateInputs?: boolean;
  allowInsecureHttp?: boolean;
  logFormat: LogFormat;
}

const RETRY_MS = 30_000;

/** Runs a miner for each ComfyUI until it is stopped. They then finish what they have. */
export async function miner(options: MinerCommandOptions, workflows: readonly WorkflowDefinition[]): Promise<void> {
  const { key, sequencer, comfyui, prefetch, allowPrivateInputs = false, allowInsecureHttp = false } = options;
  if (!sequencer || !comfyui)
    throw new HeuristError('Name the network and a ComfyUI: --sequencer URL --comfyui http://127.0.0.1:8188.', {
      code: 'invalid_configuration',
    });
  if (!key)
    throw new HeuristError('No miner key. Set HEURIST_MINER_KEY to the one that `heurist sequencer` prints.', {
      code: 'invalid_configuration',
    });
  const logger = createConsoleLogger(options.logFormat);
  const policy = { allowPrivateInputs, allowInsecureHttp };
  const miners = comfyui.map((url) => ({
    comfyui: url,
    miner: createMiner({ sequencer, comfyui: url, key, workflows, logger, prefetch, ...policy }),
  }));
  await startAll(miners, logger);
  // a key that is not good ends the miners, and the command with them
  await Promise.race([untilStopped(), ...miners.map(({ miner }) => miner.ended)]);
  process.stderr.write('Finishing what is running; press Ctrl-C again to stop now.\n');
  await Promise.all(miners.map(({ miner }) => miner.stop()));
}

interface NamedMiner {
  comfyui: string;
  miner: Miner;
}

/** Throws when none can start. Where others can, one that cannot is tried again. */
async function startAll(miners: readonly NamedMiner[], logger: Logger): Promise<void> {
  const starts = await Promise.allSettled(miners.map(startOne));
  const [failed] = starts.filter((start) => start.status === 'rejected');
  if (failed && starts.every(({ status }) => status === 'rejected')) throw failed.reason;
  for (const [index, start] of starts.entries())
    if (start.status === 'rejected') void keepStarting(miners[index]!, start.reason, logger);
}

async function keepStarting(named: NamedMiner, first: Error, logger: Logger): Promise<void> {
  for (let reason = first; ; ) {
    logger.warn('this ComfyUI is left out for now', { comfyui: named.comfyui, message: reason.message });
    await sleep(RETRY_MS, undefined, { ref: false });
    try {
      return await startOne(named);
    } catch (error) {
      reason = error as Error;
    }
  }
}

async function startOne({ comfyui, miner }: NamedMiner): Promise<void> {
  const checks = await miner.start();
  for (const { workflow_id, missing } of checks)
    if (missing.length) process.stderr.write(`Cannot run ${workflow_id}: lacks ${missing.join(', ')}\n`);
  const offered = checks.filter(({ missing }) => !missing.length).map(({ workflow_id }) => workflow_id);
  process.stdout.write(`Miner ready: ${comfyui} runs ${offered.join(', ')}.\n`);
}
