import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/server-kit/logger';
import type { NetworkLimits } from './access/limits/limits.ts';
import type { Database } from './database/database.ts';
import type { ArtifactStore } from './files/artifact-store.ts';

/** What to tell the caller about a task that runs, but may not give what it asks for. */
export interface TaskAdvice {
  /** One line, for the `warning` of the task. */
  warning: string;
  /** The same for the log, without anything that the caller wrote. */
  summary: string;
}

/** Settings of a sequencer. */
export interface SequencerOptions {
  /** From `openDatabase()`. Closed with the sequencer. */
  database: Database;
  /** Where inputs and outputs are kept, such as `createFolderStore(folder)`. */
  artifacts: ArtifactStore;
  /** Workflows that tasks can be submitted for. */
  workflows: readonly WorkflowDefinition[];
  /**
   * Seconds without a heartbeat after which a miner loses a task that it has just begun to another one. Later it is as long as it has
   * run, 30 seconds at most, or this, if that is more. Miners send three heartbeats in that time. Default 6.
   */
  leaseSeconds?: number;
  /** Seconds that miners have to connect after a start, before missing ones cause warnings. Default 15. */
  minerGraceSeconds?: number;
  /** How often a task is handed out at most. Default 3. */
  maxAttempts?: number;
  /** Days after which tasks that have ended, and their files, are deleted. 0 keeps everything. Default 30. */
  retentionDays?: number;
  /**
   * Bytes that must stay free on the disk of a folder of files. With less, the oldest tasks that have ended, and the oldest inputs, are deleted
   * before their time; never what is open, or ended within the last hour. Default 0: nothing is deleted early.
   */
  minFreeBytes?: number;
  /** Bytes that may be stored in all, for a bucket too: with more, the same is deleted early. Default: any. */
  maxStoredBytes?: number;
  /** Days to keep the log of what operators did. 0 keeps everything. Default 365. */
  auditDays?: number;
  /** Accept reference miners, which send no key. Default `false`. */
  allowLegacyMiners?: boolean;
  /**
   * What links in responses begin with, such as `https://tasks.example.com/heurist`: the address by which proxies make this server
   * known. Requests may arrive with its path, or without. Default: the address that the caller used.
   */
  publicUrl?: string;
  /** What one owner, key, address, task and message may cost. Default: see `NetworkLimits`. */
  limits?: Partial<NetworkLimits>;
  /**
   * Addresses or networks (`10.0.0.0/8`, `loopback`, `linklocal`, `private`) of proxies in front, whose `X-Forwarded-*` and
   * `Forwarded` are believed: the address of a caller is then the last one there that is none of them, and links have the scheme, host
   * and prefix that they name. Default: none, the address of the connection counts.
   */
  trustedProxies?: readonly string[];
  /**
   * Origins of web pages that may call this network with a session token, such as `https://app.example.com`: exact ones. Default:
   * none. Calls of miners and operators are never answered to pages.
   */
  corsOrigins?: readonly string[];
  /**
   * Refuse tasks that no connected miner can run, with `unservable`, instead of queueing them. Gets the workflow, and returns a
   * sentence that says what to do, or `undefined` to queue the task. Default: such tasks wait, with a warning.
   */
  refuseUnservable?: (workflow: WorkflowDefinition) => string | undefined;
  /**
   * Looks at each task that a miner can run. Gets its workflow and parameters, and returns what to tell its caller, or `undefined`.
   * Called again whenever the task is read, so it must be quick. Default: nothing is told.
   */
  adviseTask?: (workflow_id: string, parameters: unknown) => TaskAdvice | undefined;
  /**
   * Hosts outside the public internet that webhooks may be sent to: addresses, networks, names, each also with a port, such as
   * `10.0.0.0/8`, `app.internal`, `*.internal` and `app.internal:3000`. Default: none.
   */
  privateHosts?: readonly string[];
  /** Allow all of them, as `privateHosts: ['*']` does. Default `false`. */
  allowPrivateWebhooks?: boolean;
  /**
   * Behind a proxy (`HTTP_PROXY`), leave names of webhooks that cannot be resolved here to the proxy. It may see private networks.
   * Default `false`: such webhooks fail.
   */
  proxyResolves?: boolean;
  /** Where to log. Default: nowhere. */
  logger?: Logger;
}
