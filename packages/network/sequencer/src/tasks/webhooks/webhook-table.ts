// Every statement on the table of webhooks alone.
import type { Sql } from '../../database/database.ts';

/** A message that waits, or whose receiver never accepted it. */
export interface Webhook {
  task_id: string;
  /** Owner of the task; empty for a webhook that a version before recorded. */
  owner: string;
  url: string;
  /** Where the consumer reached the network: URLs in the message are there. */
  origin: string;
  /** How often it was sent, the attempt under way included. */
  attempts: number;
}

/** Registers webhooks. They are due when their tasks end. */
export async function insertWebhooks(sql: Sql, webhooks: readonly Omit<Webhook, 'attempts'>[]): Promise<void> {
  if (!webhooks.length) return;
  await sql.query(
    `INSERT INTO heurist.webhook (task_id, owner, url, origin) SELECT task_id, owner, url, origin
     FROM jsonb_to_recordset($1) AS row(task_id uuid, owner text, url text, origin text)`,
    [JSON.stringify(webhooks)],
  );
}

/** Makes the webhooks of tasks due, in the transaction that ends the tasks. */
export async function scheduleWebhooks(
  sql: Sql,
  tasks: readonly { task_id: string; has_webhook: boolean }[],
): Promise<void> {
  const task_ids = tasks.filter(({ has_webhook }) => has_webhook).map(({ task_id }) => task_id);
  if (task_ids.length)
    await sql.query('UPDATE heurist.webhook SET next_at = now() WHERE task_id = ANY($1)', [task_ids]);
}

/** Which webhooks are taken. */
interface WebhookClaim {
  /** One that is not settled is due again after this time. */
  claimSeconds: number;
  limit: number;
  /** Of one owner at most. */
  perOwner: number;
  /** Owners that get none now. */
  except: readonly string[];
}

/** Takes webhooks that are due, some of each owner: receivers that hang delay only their owner's. */
export async function claimDueWebhooks(
  sql: Sql,
  { claimSeconds, limit, perOwner, except }: WebhookClaim,
): Promise<Webhook[]> {
  return await sql.query<Webhook>(
    `WITH RECURSIVE line(owner) AS (
       -- from owner to owner in the index, past what each of them has
       (${firstOwner('true')})
       UNION ALL
       SELECT (${firstOwner('webhook.owner > line.owner')}) FROM line WHERE owner IS NOT NULL
     )
     UPDATE heurist.webhook SET attempts = attempts + 1, next_at = now() + $1 * interval '1 second'
     WHERE task_id IN (
       SELECT due.task_id FROM
         (SELECT owner FROM line WHERE owner IS NOT NULL AND owner <> ALL($4) ORDER BY random()) AS free,
         LATERAL (
           SELECT task_id FROM heurist.webhook
           WHERE state = 'waiting' AND owner = free.owner AND next_at <= now()
           ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED
         ) AS due
       LIMIT $2
     ) RETURNING task_id, owner, url, origin, attempts`,
    [claimSeconds, limit, perOwner, except],
  );
}

const firstOwner = (condition: string) =>
  `SELECT webhook.owner FROM heurist.webhook
   WHERE state = 'waiting' AND next_at <= now() AND ${condition} ORDER BY webhook.owner LIMIT 1`;

export async function recordDelivered(sql: Sql, task_id: string): Promise<void> {
  await sql.query(`UPDATE heurist.webhook SET state = 'delivered' WHERE task_id = $1`, [task_id]);
}

/** @param retrySeconds - when it is sent again; `undefined` gives it up */
export async function recordFailure(
  sql: Sql,
  task_id: string,
  message: string,
  retrySeconds: number | undefined,
): Promise<void> {
  await sql.query(
    `UPDATE heurist.webhook SET last_error = $2, state = $3, next_at = now() + $4 * interval '1 second'
     WHERE task_id = $1`,
    [task_id, message, retrySeconds === undefined ? 'dead' : 'waiting', retrySeconds ?? 0],
  );
}

/** How many are due, and how many were given up. */
export async function countWebhooks(sql: Sql): Promise<{ due: number; dead: number }> {
  const [row] = await sql.query<{ due: number; dead: number }>(
    `SELECT (SELECT count(*)::int FROM heurist.webhook WHERE state = 'waiting' AND next_at < 'infinity') AS due,
            (SELECT count(*)::int FROM heurist.webhook WHERE state = 'dead') AS dead`,
  );
  return row!;
}

export async function deleteWebhooks(sql: Sql, task_ids: readonly string[]): Promise<void> {
  await sql.query('DELETE FROM heurist.webhook WHERE task_id = ANY($1::uuid[])', [task_ids]);
}
