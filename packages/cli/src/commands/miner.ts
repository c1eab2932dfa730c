import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { createLegacyProtocol, createMiner, type Miner, type MinerOptions, serveStatus } from '@heurist/miner';
import { createConsoleLogger, type LogFormat } from '../console-logger.ts';
import { invalid } from '../invalid.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist miner`. */
export interface MinerCommandOptions {
  sequencer?: string;
  /** One or more addresses. */
  comfyui?: string[];
  key?: string;
  keyFile?: string;
  dataDir: string;
  prefetch: number;
  restartCommand?: string;
  stallSeconds: number;
  onStop: 'finish' | 'give-back';
  statusPort?: number;
  statusHost: string;
  /** Node classes with commas, or a file of them. */
  allowRawGraphs?: string;
  keepMetadata?: boolean;
  allowPrivateInputs?: boolean;
  allowInsecureHttp?: boolean;
  legacy?: boolean;
  erc20Address?: string;
  logFormat: LogFormat;
}

const RETRY_MS = 30_000;
/** ComfyUI and its models may take long to load. */
const RESTART_MS = 10 * 60_000;

/** Runs a miner for each ComfyUI until it is stopped. They then finish what they have, or give it back. */
export async function miner(options: MinerCommandOptions, workflows: readonly WorkflowDefinition[]): Promise<void> {
  const { sequencer, comfyui, statusPort: port, statusHost: host } = options;
  if (!sequencer || !comfyui)
    throw invalid('Name the network and a ComfyUI: --sequencer URL --comfyui http://127.0.0.1:8188.');
  const logger = createConsoleLogger(options.logFormat);
  const shared = { ...toMinerOptions(options, sequencer), workflows, logger };
  const miners = comfyui.map((url) => ({
    comfyui: url,
    miner: createMiner({ ...shared, ...restartOf(options, url), comfyui: url }),
  }));
  const statuses = () => miners.map(({ miner }) => miner.status());
  const server = port === undefined ? undefined : await serveStatus(statuses, { port, host });
  if (server) process.stdout.write(`Status at ${server.url}/healthz and ${server.url}/metrics.\n`);
  await startAll(miners, logger);
  // a key that is not good ends the miners, and the command with them
  await Promise.race([untilStopped(), ...miners.map(({ miner }) => miner.ended)]);
  const giveBack = options.onStop === 'give-back';
  const what = giveBack ? 'Giving back what is running' : 'Finishing what is running';
  process.stderr.write(`${what}; press Ctrl-C again to stop now.\n`);
  await Promise.all(miners.map(({ miner }) => miner.stop({ giveBack })));
  await server?.close();
}

/** What all miners of the command have. */
function toMinerOptions(options: MinerCommandOptions, sequencer: string) {
  const { prefetch, stallSeconds, dataDir, keepMetadata = false, legacy, erc20Address = '' } = options;
  const { allowPrivateInputs = false, allowInsecureHttp = false } = options;
  const protocol = legacy && createLegacyProtocol({ sequencer, erc20_address: erc20Address, allowInsecureHttp });
  const rawNodes = options.allowRawGraphs === undefined ? [] : readList(options.allowRawGraphs);
  return {
    sequencer,
    key: legacy ? '' : readKey(options),
    // credentials of the reference protocol are not written down, and without them nothing can be delivered
    ...(!legacy && { journal: join(dataDir, 'miner') }),
    ...{ prefetch, stallSeconds, keepMetadata, rawNodes, allowPrivateInputs, allowInsecureHttp },
    ...(protocol && { protocol }),
  } satisfies Partial<MinerOptions>;
}

function readKey({ key, keyFile }: MinerCommandOptions): string {
  if (key) return key;
  if (!keyFile)
    throw invalid(
      'No miner key. Set HEURIST_MINER_KEY, or name a file with --key-file: `heurist sequencer` says where it is.',
    );
  try {
    return readFileSync(keyFile, 'utf8').trim();
  } catch (error) {
    throw invalid(`The key file cannot be read (${(error as NodeJS.ErrnoException).code}): ${keyFile}`);
  }
}

/** `#` begins a comment. */
function readList(text: string): string[] {
  const source = existsSync(text) ? readFileSync(text, 'utf8').replaceAll(/#.*/g, '') : text;
  return source
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter(Boolean);
}

function restartOf({ restartCommand }: MinerCommandOptions, comfyui: string): Pick<MinerOptions, 'restartComfyui'> {
  if (!restartCommand) return {};
  // the key is no business of the command
  const { HEURIST_MINER_KEY, ...env } = process.env;
  return { restartComfyui: () => runCommand(restartCommand, { ...env, COMFYUI_URL: comfyui }) };
}

/** Until the shell has ended: what it leaves running in the background may be the ComfyUI itself. */
async function runCommand(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  const shell = spawn(command, { shell: true, env, stdio: ['ignore', 'ignore', 'inherit'], timeout: RESTART_MS });
  const [code] = await once(shell, 'exit');
  if (code !== 0) throw new Error(`the command ended with ${code}`);
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
