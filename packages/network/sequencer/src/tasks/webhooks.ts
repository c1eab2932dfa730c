import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { HeuristError } from '@heurist/core';
import { lookupPublic, namesHiddenAddress } from '@heurist/core/node';
import { signWebhook, type WebhookEvent } from '@heurist/core/webhooks';
import type { Database, Sql } from '../database/database.ts';
import type { TaskRecord } from './task-record.ts';

/** Seconds between one attempt and the next: more than a day in all. */
const DELAYS = [5, 30, 120, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800];
const ATTEMPT_MS = 15_000;
/** A replica that dies while it sends leaves the message to others after so long. */
const CLAIM_SECONDS = 60;
/** Messages that one replica sends at the same time. */
const BATCH = 20;

/** A message that waits, or whose receiver never took it. */
interface Webhook {
  task_id: string;
  url: string;
  /** Where the consumer reached the network: addresses in the message are there. */
  origin: string;
  attempts: number;
}

/** Settings of webhooks. */
export interface WebhookOptions {
  database: Database;
  /** Of the network: each consumer's secret is derived from it. */
  secret: string;
  /** Send to addresses of private networks too. */
  allowPrivate: boolean;
  /** The state of a task as its consumer sees it. */
  describe: (task: TaskRecord, origin: string) => Promise<WebhookEvent['data']>;
  /** Nothing is waited for any more; what is not delivered then is sent again later. */
  closing: AbortSignal;
}

/** Tells apps of the end of their tasks. Messages are kept in the database until they are taken, or a day is over. */
export class Webhooks {
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** The secret by which a consumer knows that a message is the network's: `whsec_...`. */
  secretOf(consumer_id: string): string {
    const bytes = createHmac('sha256', this.#options.secret).update(`webhook:${consumer_id}`).digest();
    return `whsec_${bytes.toString('base64')}`;
  }

  /** @throws {HeuristError} `invalid_request` for an address that is never called */
  checkUrl(text: string): void {
    const url = URL.parse(text);
    const invalid = (message: string) => new HeuristError(`webhook_url ${message}.`, { code: 'invalid_request' });
    if (!url || !/^https?:$/.test(url.protocol)) throw invalid('is no http(s) address');
    if (url.username || url.password) throw invalid('must not hold a password: messages are signed instead');
    if (!this.#options.allowPrivate && namesHiddenAddress(url)) throw invalid('is no public address');
  }

  /** Sends what is due. Several replicas may do so at once. */
  async deliverDue(): Promise<void> {
    const due = await this.#options.database.query<Webhook>(
      `UPDATE heurist.webhook SET attempts = attempts + 1, next_at = now() + $1 * interval '1 second'
       WHERE task_id IN (
         SELECT task_id FROM heurist.webhook WHERE state = 'waiting' AND next_at <= now()
         ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ) RETURNING task_id, url, origin, attempts`,
      [CLAIM_SECONDS, BATCH],
    );
    await Promise.all(due.map((webhook) => this.#deliver(webhook)));
  }

  /** How many are due, and how many were given up. */
  async count(): Promise<Map<'due' | 'dead', number>> {
    const [row] = await this.#options.database.query<{ due: number; dead: number }>(
      `SELECT (SELECT count(*)::int FROM heurist.webhook WHERE state = 'waiting' AND next_at < 'infinity') AS due,
              (SELECT count(*)::int FROM heurist.webhook WHERE state = 'dead') AS dead`,
    );
    return new Map([
      ['due', row?.due ?? 0],
      ['dead', row?.dead ?? 0],
    ]);
  }

  async #deliver(webhook: Webhook): Promise<void> {
    const { database } = this.#options;
    try {
      await this.#send(webhook);
      await database.query(`UPDATE heurist.webhook SET state = 'delivered' WHERE task_id = $1`, [webhook.task_id]);
    } catch (error) {
      const delay = DELAYS[webhook.attempts - 1];
      const isOver = delay === undefined || error instanceof GoneError;
      await database.query(
        `UPDATE heurist.webhook SET last_error = $2, state = $3, next_at = now() + $4 * interval '1 second'
         WHERE task_id = $1`,
        [webhook.task_id, (error as Error).message, isOver ? 'dead' : 'waiting', delay ?? 0],
      );
    }
  }

  async #send({ task_id, url, origin }: Webhook): Promise<void> {
    const { database, describe, allowPrivate, closing } = this.#options;
    const [task] = await database.query<TaskRecord>('SELECT * FROM heurist.task WHERE task_id = $1', [task_id]);
    if (!task?.ended_at) throw new Error('The task is gone.');
    const event: WebhookEvent = {
      type: `task.${task.status}` as WebhookEvent['type'],
      timestamp: task.ended_at.toISOString(),
      data: await describe(task, origin),
    };
    const body = JSON.stringify(event);
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = await signWebhook(task_id, timestamp, body, this.secretOf(task.consumer_id));
    const signal = AbortSignal.any([closing, AbortSignal.timeout(ATTEMPT_MS)]);
    await post(url, body, allowPrivate, signal, {
      'content-type': 'application/json',
      // the same for every attempt: by it a receiver knows what it has had
      'webhook-id': task_id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': signature,
    });
  }
}

/** The receiver wants no more. */
class GoneError extends Error {}

/** Tasks have ended: their messages are due, in the same transaction. */
export async function webhooksAreDue(
  sql: Sql,
  tasks: readonly Pick<TaskRecord, 'task_id' | 'has_webhook'>[],
): Promise<void> {
  const task_ids = tasks.filter(({ has_webhook }) => has_webhook).map(({ task_id }) => task_id);
  if (task_ids.length)
    await sql.query('UPDATE heurist.webhook SET next_at = now() WHERE task_id = ANY($1)', [task_ids]);
}

/** Resolves when the receiver has taken it. Redirects are not followed: they would lead past the check of the address. */
function post(
  address: string,
  body: string,
  allowPrivate: boolean,
  signal: AbortSignal,
  headers: Record<string, string>,
): Promise<void> {
  const url = new URL(address);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, signal, ...(!allowPrivate && { lookup: lookupPublic }) };
    const request = send(url, options, ({ statusCode = 0 }) => {
      request.destroy();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else if (statusCode === 410) reject(new GoneError('The receiver answered 410: it wants no more.'));
      else reject(new Error(`The receiver answered ${statusCode}.`));
    });
    request.on('error', ({ name, code, message }: NodeJS.ErrnoException) =>
      reject(new Error(name === 'TimeoutError' ? `No answer within ${ATTEMPT_MS / 1000} s.` : (code ?? message))),
    );
    request.end(body);
  });
}
