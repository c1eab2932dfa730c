import type { TaskOutput } from '@heurist/core';

/**
 * Every bound of the network: what one owner, one miner key, one task and one message may cost. Generous for an honest
 * fleet, and enough to keep one stranger from stopping the others. Limits of an owner are shared by all of its keys.
 */
export interface NetworkLimits {
  /** Tasks of one owner that wait or run at the same time. A key can set less or more. Default 1000. */
  openTasks: number;
  /** Submits of one owner within a minute. A key can set less or more. Default 600. */
  tasksPerMinute: number;
  /** Characters of one text among a task's parameters, such as a prompt. Default 32,000. */
  textCharacters: number;
  /** Files that one owner has uploaded and the network keeps, or that it has announced. Default 20,000. */
  ownerFiles: number;
  /** Bytes of these files together. Default 20 GB. */
  ownerBytes: number;
  /** Minutes that a file that was announced, but not uploaded, counts. Default 65, a little longer than its URL is good. */
  announcedMinutes: number;
  /** Workflows that one miner key can offer. Default 256. */
  offers: number;
  /** Characters of everything that a miner says it lacks. Default 32,000. */
  lacksCharacters: number;
  /** Tasks that one miner key can run at the same time. Default 128. */
  leases: number;
  /** Claims of one miner key that are held open at the same time. Default 256. */
  heldClaims: number;
  /** Event streams of one owner that are open at the same time. Default 256. */
  streams: number;
  /** Seconds that a running task may go on without any progress, whatever its heartbeats say. Default 7200. */
  stalledSeconds: number;
  /** Seconds from its submit after which a task fails that has not ended, if it has no `timeout_seconds`. Default a week. */
  taskSeconds: number;
  /** Files that one attempt can deliver. Default 64. */
  outputs: number;
  /** Bytes of one output, by its kind. */
  outputBytes: Record<TaskOutput['kind'], number>;
  /** Bytes of all outputs of one attempt, as a multiple of the largest kind among them. Default 4. */
  outputShare: number;
}

const MB = 1_000_000;

/** What applies unless the operator says otherwise. */
export const defaultLimits: NetworkLimits = {
  openTasks: 1000,
  tasksPerMinute: 600,
  textCharacters: 32_000,
  ownerFiles: 20_000,
  ownerBytes: 20_000 * MB,
  announcedMinutes: 65,
  offers: 256,
  lacksCharacters: 32_000,
  leases: 128,
  heldClaims: 256,
  streams: 256,
  stalledSeconds: 7200,
  taskSeconds: 7 * 24 * 3600,
  outputs: 64,
  outputBytes: { image: 200 * MB, video: 2000 * MB, audio: 500 * MB, text: 10 * MB, file: 500 * MB },
  outputShare: 4,
};

/** Limits with what the operator has set. */
export function createLimits(set: Partial<NetworkLimits> = {}): NetworkLimits {
  return { ...defaultLimits, ...set, outputBytes: { ...defaultLimits.outputBytes, ...set.outputBytes } };
}

/** Limits as they cross the wire, one number for each name: `open_tasks`, `output_bytes_image`. */
export function describeLimits({ outputBytes, ...limits }: NetworkLimits): Record<string, number> {
  const kinds = Object.entries(outputBytes).map(([kind, bytes]) => [`outputBytes_${kind}`, bytes] as const);
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries([...Object.entries(limits), ...kinds].map(([name, value]) => [snake(name), value]));
}
