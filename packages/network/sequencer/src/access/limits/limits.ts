import { HeuristError, type TaskOutput } from '@heurist/core';
import { MOST_OUTPUTS } from '@heurist/core/protocol';

/**
 * Every bound of the network: what one owner, one key, one address without a key, one task and one message may cost. Generous
 * for an honest fleet, and enough to keep one stranger from stopping the others. The lengths of single fields are part of the
 * protocol and stand in its schemas.
 */
export interface NetworkLimits {
  /** Tasks of one owner that wait or run at the same time. Default 1000. */
  openTasks: number;
  /** Submits of one owner within a minute. Default 600. */
  tasksPerMinute: number;
  /** Calls of one owner within a minute, with all of its keys, over all replicas. Default 60,000. */
  callsPerMinute: number;
  /** Characters of one text among a task's parameters, such as a prompt. Default 32,000. */
  textCharacters: number;
  /** Characters of all parameters of a task together, as JSON. Default 200,000. */
  parameterCharacters: number;
  /** Bytes of one file that a consumer uploads. Default 200 MB. */
  uploadBytes: number;
  /** Files that one owner has uploaded and the network keeps, or that it has announced. Default 20,000. */
  ownerFiles: number;
  /** Bytes of these files together. Default 20 GB. */
  ownerBytes: number;
  /** Bytes of all files of one owner, uploads and the outputs of its tasks; counted about a minute after they arrive. Default 1 TB. */
  storedBytes: number;
  /** Minutes that a file that was announced, but not uploaded, counts. Default 65, a little longer than its URL is good. */
  announcedMinutes: number;
  /** Event streams of one owner that are open at the same time, over all replicas. Default 256. */
  streams: number;
  /** Tasks that one event stream can follow; each 50 of them count as one stream. Default 2000. */
  streamedTasks: number;
  /** Tasks in one batched submit; each of them counts as a call and as a submit. Default 500. */
  submittedTasks: number;
  /** Tasks in one batched query; each 10 of them count as one call. Default 500. */
  queriedTasks: number;
  /** Bytes of the answer to a batched query: tasks that come after them must be asked for again. Default 4 MB. */
  queriedBytes: number;
  /** Sessions of web pages that one owner has open at the same time. Default 10,000. */
  sessions: number;
  /** Sessions that one end user of an owner has open at the same time. Default 20. */
  userSessions: number;
  /** Tasks that one session can submit. Default 100. */
  sessionTasks: number;
  /** Files that one session can upload. Default 400. */
  sessionFiles: number;
  /** Seconds that one session can last. Default 3600. */
  sessionSeconds: number;
  /** Calls with the token of one session within a minute, over all replicas. Default 1200. */
  sessionCallsPerMinute: number;
  /** Event streams of one session that are open at the same time, over all replicas. Default 16. */
  sessionStreams: number;
  /** Workflows that one miner key can offer. Default 256. */
  offers: number;
  /** Characters of everything that a miner says it lacks. Default 32,000. */
  lacksCharacters: number;
  /** Models that one machine can say to hold. Default 32. */
  heldModels: number;
  /** Machines of one miner key whose models are known at the same time. Default 1000. */
  holdingMachines: number;
  /** Tasks that one miner can run at the same time, whatever slots it declares. Default 128. */
  leases: number;
  /** Slots of a machine that declares none: it can run twice as many tasks. Default 32. */
  undeclaredSlots: number;
  /** Claims of one miner that are held open at the same time, over all replicas. Default 256. */
  heldClaims: number;
  /** Leases in one batched heartbeat; each 10 of them count as one call. Default 256. */
  heartbeats: number;
  /** Batched heartbeats with one key that a replica holds until there is news; more are answered at once. Default 256. */
  heldHeartbeats: number;
  /**
   * Seconds that a running task may go on without any progress, whatever its heartbeats say. The definition of a workflow can
   * set its own. Default 7200.
   */
  stalledSeconds: number;
  /** Seconds from its submit after which a task fails that has not ended, if it has no `timeout_seconds`. Default a week. */
  taskSeconds: number;
  /** Seconds that one attempt may take, whatever its progress says. The definition of a workflow can set its own. Default 21,600. */
  runSeconds: number;
  /**
   * Seconds that a run may always take before it is compared with others: if it takes ten times as long as 95 of 100 did
   * lately, and twice as long as the longest one, another miner tries, once. Default 300.
   */
  usualSeconds: number;
  /** Files that one attempt can deliver. Default 1,000, more than which a report cannot name. */
  outputs: number;
  /** Bytes of one output, by its kind. */
  outputBytes: Record<TaskOutput['kind'], number>;
  /** Bytes of all outputs of one attempt, as a multiple of the largest kind among them. Default 4. */
  outputShare: number;
  /** Calls of one address within a minute whose key is not valid. Keys that were valid lately go on. Default 600. */
  failedCalls: number;
  /** Calls of one address within a minute that need no key: signed URLs and the document. Default 12,000. */
  keylessCalls: number;
  /** Connections of one address that are open at the same time. Default 4096. */
  connections: number;
  /** Bytes of one JSON body, a preview included. Default 1 MB. */
  jsonBytes: number;
  /** Levels of nesting of one JSON body. Default 64. */
  jsonLevels: number;
  /** Problems of one request that the answer tells. Default 10. */
  problems: number;
  /** Seconds after which a reference miner loses its task if it asks for nothing: it has no heartbeats. Default 60. */
  legacySilentSeconds: number;
  /** Seconds that a reference miner may keep a task by asking for more: it may have lost it. Default 3600. */
  legacyRunSeconds: number;
  /** Bytes of one upload of a reference miner, as it travels. Default 10 MB, the limit of the address that it was made for. */
  legacyUploadBytes: number;
  /** Uploads of reference miners that one replica receives at the same time: each is held in memory. Default 8. */
  legacyUploads: number;
  /** Bytes per second that a body must bring at least, over 20 seconds. Default 500. */
  bodyBytesPerSecond: number;
}

const MB = 1_000_000;

/** What applies unless the operator says otherwise. */
export const defaultLimits: NetworkLimits = {
  openTasks: 1000,
  tasksPerMinute: 600,
  callsPerMinute: 60_000,
  textCharacters: 32_000,
  parameterCharacters: 200_000,
  uploadBytes: 200 * MB,
  ownerFiles: 20_000,
  ownerBytes: 20_000 * MB,
  storedBytes: 1_000_000 * MB,
  announcedMinutes: 65,
  streams: 256,
  streamedTasks: 2000,
  submittedTasks: 500,
  queriedTasks: 500,
  queriedBytes: 4 * MB,
  sessions: 10_000,
  userSessions: 20,
  sessionTasks: 100,
  sessionFiles: 400,
  sessionSeconds: 3600,
  sessionCallsPerMinute: 1200,
  sessionStreams: 16,
  offers: 256,
  lacksCharacters: 32_000,
  heldModels: 32,
  holdingMachines: 1000,
  leases: 128,
  undeclaredSlots: 32,
  heldClaims: 256,
  heartbeats: 256,
  heldHeartbeats: 256,
  stalledSeconds: 7200,
  taskSeconds: 7 * 24 * 3600,
  runSeconds: 21_600,
  usualSeconds: 300,
  outputs: MOST_OUTPUTS,
  outputBytes: { image: 200 * MB, video: 2000 * MB, audio: 500 * MB, text: 10 * MB, file: 500 * MB },
  outputShare: 4,
  failedCalls: 600,
  keylessCalls: 12_000,
  connections: 4096,
  jsonBytes: MB,
  jsonLevels: 64,
  problems: 10,
  legacySilentSeconds: 60,
  legacyRunSeconds: 3600,
  legacyUploadBytes: 10 * MB,
  legacyUploads: 8,
  bodyBytesPerSecond: 500,
};

/** Leases of a machine for each slot that it declares: it runs its tasks, and has the next ones ready. */
export const LEASES_PER_SLOT = 2;

/** Limits by their names on the wire, such as `open_tasks` and `output_bytes_image`. */
export type LimitValues = Readonly<Record<string, number>>;

/** What an operator can set for an owner or a key, by the role of the key. The others are of the whole network. */
export const settableLimits = {
  consumer: [
    'open_tasks',
    'tasks_per_minute',
    'calls_per_minute',
    'text_characters',
    'parameter_characters',
    'upload_bytes',
    'owner_files',
    'owner_bytes',
    'stored_bytes',
    'streams',
    'streamed_tasks',
    'submitted_tasks',
    'queried_tasks',
    'queried_bytes',
    'sessions',
    'user_sessions',
    'session_tasks',
    'session_files',
    'session_seconds',
    'session_calls_per_minute',
    'session_streams',
  ],
  miner: [
    'calls_per_minute',
    'offers',
    'lacks_characters',
    'held_models',
    'holding_machines',
    'leases',
    'undeclared_slots',
    'held_claims',
    'heartbeats',
    'held_heartbeats',
    'outputs',
    'output_share',
    ...Object.keys(defaultLimits.outputBytes).map((kind) => `output_bytes_${kind}`),
  ],
  operator: [],
} as const satisfies Record<string, readonly string[]>;

/** Far above what any limit means. */
const LARGEST = 1e15;

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Limits as they cross the wire, one number for each name: `open_tasks`, `output_bytes_image`. */
export function describeLimits({ outputBytes, ...limits }: NetworkLimits): Record<string, number> {
  const kinds = Object.entries(outputBytes).map(([kind, bytes]) => [`outputBytes_${kind}`, bytes] as const);
  return Object.fromEntries([...Object.entries(limits), ...kinds].map(([name, value]) => [snake(name), value]));
}

/** Limits with some of them replaced. */
export function withLimits(limits: NetworkLimits, values: LimitValues): NetworkLimits {
  if (!Object.keys(values).length) return limits;
  const named = { ...describeLimits(limits), ...values };
  const { outputBytes, ...plain } = limits;
  const kinds = Object.keys(outputBytes).map((kind) => [kind, named[`output_bytes_${kind}`]]);
  const names = Object.keys(plain).map((name) => [name, named[snake(name)]]);
  return { ...Object.fromEntries(names), outputBytes: Object.fromEntries(kinds) };
}

/**
 * Limits with what the operator has set.
 *
 * @throws {HeuristError} `invalid_configuration` for unknown names and bad numbers
 */
export function createLimits(set: Partial<NetworkLimits> = {}): NetworkLimits {
  const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
  const { outputBytes = {} } = set;
  const limits = { ...defaultLimits, ...given, outputBytes: { ...defaultLimits.outputBytes, ...outputBytes } };
  checkLimits(describeLimits(limits), limitNames, 'invalid_configuration');
  return limits;
}

/** The name of every limit on the wire. */
export const limitNames: readonly string[] = Object.keys(describeLimits(defaultLimits));

/**
 * Reads limits such as `open_tasks=500`: one each, or several with commas.
 *
 * @throws {HeuristError} `invalid_configuration` for unknown names, with all names, and for bad numbers
 */
export function parseLimits(texts: readonly string[]): NetworkLimits {
  const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim());
  const values = Object.fromEntries(parts.filter(Boolean).map(parseLimit));
  checkLimits(values, limitNames, 'invalid_configuration');
  return withLimits(defaultLimits, values);
}

function parseLimit(part: string): [name: string, value: number] {
  const [name = '', value = ''] = part.split('=', 2).map((side) => side.trim());
  return [name, /^\d+$/.test(value) ? Number(value) : Number.NaN];
}

/** @throws {HeuristError} with `code`, naming what can be set, or what the number must be */
export function checkLimits(
  values: Record<string, number>,
  names: readonly string[],
  code: 'invalid_configuration' | 'invalid_request',
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!names.includes(name)) throw new HeuristError(unknownLimit(name, names), { code });
    if (!Number.isInteger(value) || value < 1 || value > LARGEST)
      throw new HeuristError(
        `\`${name}\` must be a whole number from 1 to ${LARGEST} (got ${value}), such as ${name}=${describeLimits(defaultLimits)[name]}.`,
        { code },
      );
  }
}

function unknownLimit(name: string, names: readonly string[]): string {
  const shown = name.slice(0, 60);
  const known = names.length ? `Use one of ${names.join(', ')}.` : 'None can be set for this role.';
  return `There is no limit "${shown}" that can be set here. ${known}`;
}
