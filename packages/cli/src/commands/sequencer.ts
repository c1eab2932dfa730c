import { join } from 'node:path';
import { rawWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import {
  createFolderStore,
  createS3Store,
  createSequencer,
  openDatabase,
  parseLimits,
  readS3Options,
} from '@heurist/sequencer';
import { type LocalCredentials, loadCredentials } from '../credentials.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { createConsoleLogger, type LogFormat } from '../output/console-logger.ts';
import { spell, spellWith } from '../system/spelling.ts';
import { untilStopped } from '../system/until-stopped.ts';

/** Options of `heurist sequencer`. */
export interface SequencerCommandOptions {
  port: number;
  host: string;
  dataDir: string;
  /** `postgres://` address. Default: embedded, in the data folder. */
  database?: string;
  /** `s3://bucket/prefix` or a folder. Default: in the data folder. */
  artifacts?: string;
  leaseSeconds: number;
  retentionDays: number;
  /** Bytes to leave on the disk. */
  minFree: number;
  /** Bytes that all files may take. */
  maxStored?: number;
  auditDays: number;
  publicUrl?: string;
  /** Limits of the network, such as `open_tasks=500`. */
  limit?: string[];
  /** Addresses or networks of proxies. */
  trustProxy?: string[];
  /** Origins of web pages. */
  corsOrigin?: string[];
  allowLegacyMiners?: boolean;
  allowRawGraphs?: boolean;
  /** Hosts that webhooks may be sent to. */
  privateHosts?: string[];
  proxyResolves?: boolean;
  logFormat: LogFormat;
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
    leaseSeconds,
    retentionDays,
    minFree,
    maxStored,
    auditDays,
    publicUrl,
    limit = [],
    trustProxy = [],
    corsOrigin = [],
    allowLegacyMiners = false,
    allowRawGraphs = false,
    privateHosts = [],
    proxyResolves = false,
    artifacts = join(dataDir, 'artifacts'),
    logFormat,
  } = options;
  const logger = createConsoleLogger(logFormat);
  if (allowLegacyMiners)
    logger.warn('reference miners are accepted: anyone who knows the address of a miner can take tasks in its name');
  const limits = parseLimits(limit);
  checkFolder(dataDir, { flag: '--data-dir', what: 'The network' });
  const database = options.database || dataDir;
  const server = await createSequencer({
    // before the database, which takes a lock
    artifacts: openStore(artifacts),
    database: await open(database),
    workflows: allowRawGraphs ? [...workflows, rawWorkflow] : workflows,
    leaseSeconds,
    retentionDays,
    minFreeBytes: minFree,
    auditDays,
    allowLegacyMiners,
    privateHosts,
    proxyResolves,
    limits,
    trustedProxies: trustProxy,
    corsOrigins: corsOrigin,
    logger,
    ...(maxStored !== undefined && { maxStoredBytes: maxStored }),
    ...(publicUrl && { publicUrl }),
  });
  const url = await server.listen({ port, host });
  const keys = await loadCredentials(server, dataDir);
  // no keys here: what a service prints ends up in logs
  process.stdout.write(`Sequencer at ${url}
${describeKeys(keys, join(dataDir, 'credentials.json'))}
Miners:  ${spell(`miner --sequencer ${publicUrl ?? url} --comfyui http://127.0.0.1:8188`)}
`);
  await untilStopped();
  await server.close();
}

/** What each of the first keys is for. */
const PURPOSES: { role: keyof LocalCredentials; purpose: string }[] = [
  { role: 'consumer', purpose: 'for apps (HEURIST_API_KEY): submits tasks' },
  { role: 'miner', purpose: 'for miners (HEURIST_MINER_KEY): runs tasks' },
  {
    role: 'operator',
    purpose:
      'for you (HEURIST_OPERATOR_KEY): creates and revokes keys, reads metrics and the audit log; keep it to yourself',
  },
];

/** A network makes its first keys once: they may be in the folder of another replica, or revoked. */
function describeKeys(keys: Partial<LocalCredentials>, path: string): string {
  const roles = Object.keys(keys);
  if (!roles.length) return `The keys of this network are elsewhere, and no new ones are made: see ${spell('keys')}.`;
  const lines = PURPOSES.filter(({ role }) => roles.includes(role)).map(
    ({ role, purpose }) => `  ${role.padEnd(8)}  ${purpose}`,
  );
  return [`The first keys are in ${path}:`, ...lines].join('\n');
}

/** @throws {CommandError} without the package of the embedded database: what adds it depends on how the command was started */
async function open(location: string) {
  const [, scheme = ''] = /^([a-z][\w+.-]*):\/\//i.exec(location) ?? [];
  // without the rest, which may hold a password
  if (scheme && !/^postgres(ql)?$/i.test(scheme))
    throw new CommandError(`--database must be a postgres:// address (got ${scheme}://...), or be left out.`);
  return await openDatabase(location).catch((cause: unknown) => {
    const { code } = ((cause as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const add = spellWith('@electric-sql/pglite', 'sequencer');
    const message = `The embedded database needs the package @electric-sql/pglite, which is not installed. Use "${add}", or PostgreSQL: --database postgres://...`;
    throw new CommandError(message, { cause });
  });
}

function openStore(location: string) {
  if (location.startsWith('s3:')) return createS3Store(readS3Options(location, process.env));
  checkFolder(location, { flag: '--artifacts', what: 'Files' });
  return createFolderStore(location);
}
