import { createHash, createHmac } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { signWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import { HiddenAddressError, isHidden, NO_PRIVATE_HOSTS, type PrivateHosts } from '@heurist/server-kit/public-address';
import { createThrottledLog } from '@heurist/server-kit/throttled-log';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';
import type { Database } from '../../database/database.ts';
import { readTasks } from '../table/read-tasks.ts';
import type { TaskRecord } from '../table/task-record.ts';
import { traceDelivery } from '../tracing.ts';
import { GoneError, postWebhook } from './post-webhook.ts';
import { claimDueWebhooks, countWebhooks, recordDelivered, recordFailure, type Webhook } from './webhook-table.ts';

/** Seconds from one attempt to the next: more than a day in all. */
const DELAYS = [5, 30, 120, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800];
/** Time limit of one attempt. */
const TIMEOUT_MS = 15_000;
/** A message of a replica that dies while sending it is taken over after this time. */
const CLAIM_SECONDS = 60;
/** Messages that one replica sends at the same time, in all and of one owner: its receiver may hang. */
const MAX_IN_FLIGHT = 200;
const MAX_OF_OWNER = 20;
/** Messages that are taken at once. */
const MAX_BATCH = 20;

/** Settings of webhooks. */
export interface WebhookOptions {
  database: Database;
  /** Of the network: the secret of each consumer is derived from it. */
  secret: string;
  /** Where to send to outside the public internet. Default: nowhere. */
  privateHosts?: PrivateHosts;
  /** Leave names that cannot be resolved here to the proxy of the environment. */
  proxyResolves?: boolean;
  /** The state of a task as its consumer sees it. */
  describe: (task: TaskRecord, origin: string) => Promise<WebhookEvent['data']>;
  /** Aborts attempts. A message that is not delivered by then is sent again later. */
  closing: AbortSignal;
  /** Default 15 seconds. */
  timeoutMs?: number;
  /** Default 20. */
  maxBatch?: number;
  clock?: Clock;
  logger?: Logger;
  /** Is told how each attempt ended. */
  onAttempt?: (outcome: 'delivered' | 'failed' | 'given_up') => void;
}

/** Announces the end of tasks to apps. Messages stay in the database until they are accepted, or given up after a day. */
export class Webhooks {
  readonly #options: Required<WebhookOptions>;
  /** How many messages are on their way, by owner. */
  readonly #inFlight = new Map<string, number>();
  #claimed: Promise<Webhook[]> = Promise.resolve([]);
  readonly #warn: ReturnType<typeof createThrottledLog>;

  constructor(options: WebhookOptions) {
    this.#options = {
      privateHosts: NO_PRIVATE_HOSTS,
      logger: silentLogger,
      proxyResolves: false,
      timeoutMs: TIMEOUT_MS,
      maxBatch: MAX_BATCH,
      clock: systemClock,
      onAttempt() {},
      ...options,
    };
    const { logger, clock } = this.#options;
    this.#warn = createThrottledLog((message, fields) => logger.warn(message, fields), clock);
  }

  /** The secret by which a consumer verifies that a message is from the network: `whsec_...`. */
  secretOf(consumer_id: string): string {
    const bytes = createHmac('sha256', this.#options.secret).update(`webhook:${consumer_id}`).digest();
    return `whsec_${bytes.toString('base64')}`;
  }

  /** @throws {HeuristError} `invalid_request` for a URL that is never called */
  checkUrl(text: string): void {
    const url = URL.parse(text);
    const invalid = (message: string) => new HeuristError(`webhook_url ${message}.`, { code: 'invalid_request' });
    if (!url || !/^https?:$/.test(url.protocol))
      throw invalid('must be an http:// or https:// URL, such as https://example.com/hook');
    if (url.username || url.password) throw invalid('must not contain a password: verify the signature instead');
    if (!isHidden(url, this.#options.privateHosts)) return;
    this.#tellOperator(url.host);
    throw invalid(`must be a public address (got ${url.hostname}): use one that this network can reach`);
  }

  /** A consumer cannot change it. */
  #tellOperator(host: string, address?: string): void {
    const message = 'a webhook was refused: its address is not public. If it is yours, allow it with --private-hosts';
    this.#warn(host, message, { host, ...(address && { address }) });
  }

  /** Nor this. */
  #tellOfCertificate(host: string, error: unknown): void {
    const advice = authorityAdvice(error);
    if (advice) this.#warn(`certificate ${host}`, `a webhook was not delivered. ${advice}`, { host });
  }

  /**
   * Sends messages that are due. Several replicas may do so at once, and so may several calls.
   *
   * @returns how many, after their last
   */
  async deliverDue(): Promise<number> {
    // one after the other: what a claim may take depends on what the one before it took
    const claimed = this.#claimed.then(() => this.#claim());
    this.#claimed = claimed.catch(() => []);
    const due = await claimed;
    await Promise.all(due.map((webhook) => this.#deliver(webhook).finally(() => this.#count(webhook.owner, -1))));
    return due.length;
  }

  async #claim(): Promise<Webhook[]> {
    const { database, maxBatch } = this.#options;
    const all = [...this.#inFlight.values()].reduce((sum, count) => sum + count, 0);
    const limit = Math.min(maxBatch, MAX_IN_FLIGHT - all);
    if (limit <= 0) return [];
    const except = [...this.#inFlight].filter(([, count]) => count >= MAX_OF_OWNER).map(([owner]) => owner);
    const due = await claimDueWebhooks(database, {
      claimSeconds: CLAIM_SECONDS,
      limit,
      perOwner: MAX_OF_OWNER,
      except,
    });
    for (const { owner } of due) this.#count(owner, 1);
    return due;
  }

  #count(owner: string, change: 1 | -1): void {
    const count = (this.#inFlight.get(owner) ?? 0) + change;
    if (count) this.#inFlight.set(owner, count);
    else this.#inFlight.delete(owner);
  }

  /** How many are due, and how many were given up. */
  async count(): Promise<Map<'due' | 'dead', number>> {
    const { due, dead } = await countWebhooks(this.#options.database);
    return new Map([
      ['due', due],
      ['dead', dead],
    ]);
  }

  async #deliver(webhook: Webhook): Promise<void> {
    const { database, onAttempt } = this.#options;
    try {
      await this.#send(webhook);
      await recordDelivered(database, webhook.task_id);
      onAttempt('delivered');
    } catch (error) {
      if (error instanceof HiddenAddressError) this.#tellOperator(new URL(webhook.url).host, error.address);
      this.#tellOfCertificate(new URL(webhook.url).host, error);
      const delay = error instanceof GoneError ? undefined : DELAYS[webhook.attempts - 1];
      onAttempt(delay === undefined ? 'given_up' : 'failed');
      await recordFailure(database, webhook.task_id, (error as Error).message, delay);
    }
  }

  async #send({ task_id, url, origin }: Webhook): Promise<void> {
    const { database, describe, privateHosts, proxyResolves, closing, timeoutMs, clock } = this.#options;
    const [task] = await readTasks(database, [task_id]);
    if (!task?.ended_at) throw new Error('The task no longer exists.');
    const event: WebhookEvent = {
      type: `task.${task.status}` as WebhookEvent['type'],
      timestamp: task.ended_at.toISOString(),
      data: await describe(task, origin),
    };
    const body = JSON.stringify(event);
    const id = idOf(event.data);
    const timestamp = Math.floor(clock.now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': await signWebhook(id, timestamp, body, this.secretOf(task.consumer_id)),
    };
    const options = { headers, privateHosts, proxyResolves, timeoutMs, signal: closing };
    await traceDelivery(task, () => postWebhook(url, body, options));
  }
}

/**
 * The id of a message: the same for every attempt, so that a receiver can ignore repeats, and another one if the task has
 * ended in another way. That happens when a backup is restored and the task runs again. Times and links are not part of it.
 */
function idOf({ task_id, status, error, parameters, result, outputs }: WebhookEvent['data']): string {
  const files = outputs?.map(({ sha256, bytes, filename, content_type }) => [sha256, bytes, filename, content_type]);
  // the result is the link of the first output, if there are any
  const outcome = JSON.stringify([status, error?.code, error?.message, parameters, files ?? result]);
  return `${task_id}_${createHash('sha256').update(outcome).digest('hex').slice(0, 16)}`;
}
