import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import {
  createLegacyProtocol,
  createMiner,
  type Miner,
  type MinerOptions,
  serveStatus,
  type WorkflowCheck,
} from '@heurist/miner';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { checkAddress, checkKey } from '../network/connection.ts';
import { type Context, explainError, explained } from '../network/explain-error.ts';
import { CommandError } from '../output/command-error.ts';
import { createConsoleLogger, type LogFormat } from '../output/console-logger.ts';
import { lacksTable } from '../output/lacks-table.ts';
import { spell } from '../system/spelling.ts';
import { untilStopped } from '../system/until-stopped.ts';

/** Options of `heurist miner`. */
export interface MinerCommandOptions {
  sequencer?: string;
  /** One or more addresses. */
  comfyui?: string[];
  /** Their folders, in the same order, or one for all. */
  comfyuiFolder?: string[];
  key?: string;
  keyFile?: string;
  dataDir: string;
  prefetch: number;
  restartCommand?: string;
  stallSeconds: number;
  onStop: 'finish' | 'give-back';
  statusPort?: number;
  statusHost: string;
  /** Node classes, comma-separated, or the path of a file with one per line. */
  allowRawGraphs?: string;
  keepMetadata?: boolean;
  /** Hosts that inputs may be fetched from. */
  privateHosts?: string[];
  allowPrivateInputs?: boolean;
  proxyResolves?: boolean;
  allowInsecureHttp?: boolean;
  legacy?: boolean;
  erc20Address?: string;
  logFormat: LogFormat;
}

const RETRY_MS = 30_000;
/** ComfyUI and its models may take long to load. */
const RESTART_MS = 10 * 60_000;

/** Runs a miner for each ComfyUI until the command is stopped. They then finish their tasks, or give them back. */
export async function miner(options: MinerCommandOptions, workflows: readonly WorkflowDefinition[]): Promise<void> {
  const context: Context = {
    address: { name: '--sequencer', value: options.sequencer },
    key: options.keyFile && !options.key ? '--key-file' : 'HEURIST_MINER_KEY',
  };
  const logger = createConsoleLogger(options.logFormat);
  // a slip anywhere must not end a process that holds the work of several GPUs
  process.on('unhandledRejection', (reason) => logger.error('unexpected fault', { message: String(reason) }));
  const miners = createMiners(options, workflows, logger);
  const server = await serveStatusOf(miners, options);
  await explained(context, async () => {
    await startAll(miners, { logger, format: options.logFormat }, context);
    // a rejected key ends the miners, and the command with them; the others deliver first what they have
    await Promise.race([untilStopped(), ...miners.map(({ miner }) => miner.ended)]).catch(async (error) => {
      await stopAll(miners, options);
      throw error;
    });
  });
  await stopAll(miners, options);
  await server?.close();
}

/** @throws {CommandError} if an address or the key is missing or not usable */
function createMiners(
  options: MinerCommandOptions,
  workflows: readonly WorkflowDefinition[],
  logger: Logger,
): NamedMiner[] {
  const { sequencer, comfyui, allowInsecureHttp = false } = options;
  if (!sequencer || !comfyui?.length)
    throw new CommandError('No network, or no ComfyUI. Pass --sequencer URL --comfyui http://127.0.0.1:8188.');
  checkAddress({ name: '--sequencer', value: sequencer }, allowInsecureHttp);
  const shared = { ...toMinerOptions(options, sequencer), workflows, logger };
  return comfyui.map((url, index) => ({
    comfyui: hideCredentials(url),
    miner: createMiner({ ...shared, ...restartOf(options, url), ...folderOf(options, index), comfyui: url }),
  }));
}

function folderOf({ comfyui = [], comfyuiFolder = [] }: MinerCommandOptions, index: number) {
  if (!comfyuiFolder.length) return {};
  if (comfyuiFolder.length > 1 && comfyuiFolder.length !== comfyui.length)
    throw new CommandError(
      `--comfyui-folder must be given once, or once for each --comfyui (got ${comfyuiFolder.length} for ${comfyui.length}).`,
    );
  return { comfyuiFolder: comfyuiFolder[index] ?? comfyuiFolder[0]! };
}

async function serveStatusOf(miners: readonly NamedMiner[], options: MinerCommandOptions) {
  const { statusPort: port, statusHost: host } = options;
  if (port === undefined) return undefined;
  const server = await serveStatus(() => miners.map(({ miner }) => miner.status()), { port, host });
  process.stdout.write(`Status at ${server.url}/healthz and ${server.url}/metrics.\n`);
  return server;
}

async function stopAll(miners: readonly NamedMiner[], options: MinerCommandOptions): Promise<void> {
  const giveBack = options.onStop === 'give-back';
  const what = giveBack ? 'Giving back running tasks' : 'Finishing running tasks';
  process.stderr.write(`${what}; press Ctrl-C again to stop now.\n`);
  await Promise.all(miners.map(({ miner }) => miner.stop({ giveBack })));
}

/** What all miners of the command share. */
function toMinerOptions(options: MinerCommandOptions, sequencer: string) {
  const { prefetch, stallSeconds, dataDir, keepMetadata = false, legacy, erc20Address = '' } = options;
  const { allowPrivateInputs = false, privateHosts = [], proxyResolves = false, allowInsecureHttp = false } = options;
  const protocol = legacy && legacyProtocol(sequencer, erc20Address, allowInsecureHttp);
  const rawNodes = options.allowRawGraphs === undefined ? [] : readList(options.allowRawGraphs);
  return {
    sequencer,
    key: legacy ? '' : readKey(options),
    // credentials of the reference protocol are not stored, and without them no result can be delivered
    ...(!legacy && { journal: join(dataDir, 'miner') }),
    ...{ prefetch, stallSeconds, keepMetadata, rawNodes, allowInsecureHttp },
    ...{ privateHosts, allowPrivateInputs, proxyResolves },
    ...(protocol && { protocol }),
  } satisfies Partial<MinerOptions>;
}

/** The SDK has the rule; the words are the command's. */
function legacyProtocol(sequencer: string, erc20_address: string, allowInsecureHttp: boolean) {
  try {
    return createLegacyProtocol({ sequencer, erc20_address, allowInsecureHttp });
  } catch (cause) {
    const given = erc20_address ? `"${erc20_address}" is not a wallet address` : 'is missing';
    throw new CommandError(`--erc20-address ${given}: --legacy needs 0x and 40 hex digits, also from ERC20_ADDRESS.`, {
      cause,
    });
  }
}

function readKey({ key, keyFile }: MinerCommandOptions): string {
  if (key) return checkKey({ name: 'HEURIST_MINER_KEY', value: key });
  if (!keyFile)
    throw new CommandError(
      `No miner key. Set HEURIST_MINER_KEY, or pass a file with --key-file. \`${spell('keys create miner NAME')}\` creates one.`,
    );
  try {
    return checkKey({ name: `The key file ${keyFile}`, value: readFileSync(keyFile, 'utf8').trim() });
  } catch (error) {
    if (CommandError.isInstance(error)) throw error;
    throw new CommandError(`The key file ${keyFile} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** In a file, `#` begins a comment. */
function readList(text: string): string[] {
  const found = existsSync(text) ? statSync(text) : undefined;
  if (found?.isDirectory())
    throw new CommandError(`--allow-raw-graphs "${text}" is a folder. Pass node classes, or a file that lists them.`);
  const source = found ? readFileSync(text, 'utf8').replaceAll(/#.*/g, '') : text;
  return source
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter(Boolean);
}

function restartOf({ restartCommand }: MinerCommandOptions, comfyui: string): Pick<MinerOptions, 'restartComfyui'> {
  if (!restartCommand) return {};
  // the command has no need of the key
  const { HEURIST_MINER_KEY, ...env } = process.env;
  return { restartComfyui: () => runCommand(restartCommand, { ...env, COMFYUI_URL: comfyui }) };
}

/** Resolves when the shell ends: what it leaves running in the background may be the ComfyUI itself. */
async function runCommand(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  const shell = spawn(command, { shell: true, env, stdio: ['ignore', 'ignore', 'inherit'], timeout: RESTART_MS });
  const [code] = await once(shell, 'exit');
  if (code !== 0) throw new Error(`the restart command exited with code ${code}`);
}

/** Where the command says what it does. */
interface MinerOutput {
  logger: Logger;
  format: LogFormat;
}

interface NamedMiner {
  comfyui: string;
  miner: Miner;
}

/** Throws if none can start. If some can, the others are tried again and again. */
async function startAll(miners: readonly NamedMiner[], output: MinerOutput, context: Context): Promise<void> {
  const starts = await Promise.allSettled(miners.map((miner) => startOne(miner, output)));
  const [failed] = starts.filter((start) => start.status === 'rejected');
  if (failed && starts.every(({ status }) => status === 'rejected')) throw failed.reason;
  for (const [index, start] of starts.entries())
    if (start.status === 'rejected') void keepStarting(miners[index]!, start.reason, output, context);
}

async function keepStarting(named: NamedMiner, first: Error, output: MinerOutput, context: Context): Promise<void> {
  for (let reason = first; ; ) {
    output.logger.warn('this ComfyUI is skipped for now', {
      comfyui: named.comfyui,
      message: explainError(reason, context).message,
    });
    await sleep(RETRY_MS, undefined, { ref: false });
    try {
      return await startOne(named, output);
    } catch (error) {
      reason = error as Error;
    }
  }
}

/** In one table, or for programs in one line. */
function sayLacks(comfyui: string, checks: readonly WorkflowCheck[], { logger, format }: MinerOutput): void {
  if (!checks.length) return;
  const lacks = Object.fromEntries(checks.map(({ workflow_id, lacks }) => [workflow_id, lacks]));
  if (format === 'json') logger.warn('this ComfyUI cannot run some workflows', { comfyui, lacks });
  else {
    const advice = `${spell(`miner check --comfyui ${comfyui}`)} says where to get them.`;
    process.stderr.write(`${[...lacksTable(checks), advice].join('\n')}\n`);
  }
}

async function startOne({ comfyui, miner }: NamedMiner, output: MinerOutput): Promise<void> {
  const checks = await miner.start();
  sayLacks(
    comfyui,
    checks.filter(({ missing }) => missing.length),
    output,
  );
  const offered = checks.filter(({ missing }) => !missing.length).map(({ workflow_id }) => workflow_id);
  process.stdout.write(`Miner ready: ${comfyui} can run ${offered.join(', ')}.\n`);
}
