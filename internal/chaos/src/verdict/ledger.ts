import type { LedgerDatabase } from '../database.ts';

/** One change of a task's status, as the database itself saw it. */
export interface Change {
  task_id: string;
  owner: string;
  workflow_id: string;
  /** `null`: the task was created. */
  before: string | null;
  after: string;
  attempt: number;
  /** Its place in the order of its workflow. */
  turn: number;
  /** When its transaction began and was committed, in milliseconds by the database's clock. */
  began: number;
  committed: number;
}

/** Makes the database record every change of every task, independently of the code under test. */
export async function keepLedger(database: LedgerDatabase): Promise<void> {
  await database.query(`
    CREATE TABLE public.ledger (
      number bigserial PRIMARY KEY, task_id uuid NOT NULL, owner text NOT NULL, workflow_id text NOT NULL,
      before text, after text NOT NULL, attempt int NOT NULL, turn int NOT NULL,
      began timestamptz NOT NULL DEFAULT now(), changed timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE FUNCTION public.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO public.ledger (task_id, owner, workflow_id, before, after, attempt, turn)
      VALUES (NEW.task_id, NEW.consumer_id, NEW.workflow_id,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.attempt, NEW.turn);
      RETURN NEW;
    END $$;
    CREATE TRIGGER made AFTER INSERT ON heurist.task FOR EACH ROW EXECUTE FUNCTION public.note_change();
    CREATE TRIGGER changed AFTER UPDATE ON heurist.task FOR EACH ROW
      WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.attempt IS DISTINCT FROM NEW.attempt)
      EXECUTE FUNCTION public.note_change();
  `);
}

/** An embedded database has one connection: what is written there is committed before anything else begins. */
export async function readLedger(database: LedgerDatabase): Promise<Change[]> {
  const [setting] = await database.query<{ on: string | null }>(
    `SELECT current_setting('track_commit_timestamp', true) AS on`,
  );
  const committed = setting?.on === 'on' ? 'pg_xact_commit_timestamp(xmin)' : 'changed';
  const milliseconds = (time: string) => `extract(epoch FROM ${time})::float8 * 1000`;
  return await database.query<Change>(
    `SELECT task_id, owner, workflow_id, before, after, attempt, turn,
       ${milliseconds('began')} AS began, ${milliseconds(committed)} AS committed
     FROM public.ledger ORDER BY number`,
  );
}

/** Repeated here rather than read from the code under test. */
const LEGAL = new Set([
  'null waiting',
  'waiting running',
  'waiting canceled',
  'waiting failed',
  'running finished',
  'running failed',
  'running canceled',
  'running waiting',
]);
const ENDS = new Set(['finished', 'failed', 'canceled']);

/** What is wrong with the changes of one task, in their order. */
export function checkChanges(
  changes: readonly Pick<Change, 'before' | 'after' | 'attempt'>[],
  maxAttempts: number,
): string[] {
  const problems: string[] = [];
  let status: string | null = null;
  let attempt = 0;
  for (const { before, after, attempt: next } of changes) {
    const change = `${before} ${after}`;
    if (before !== status) problems.push(`${change} does not follow ${status}`);
    if (!LEGAL.has(change)) problems.push(`${change} is not legal`);
    if (next !== attempt + (after === 'running' ? 1 : 0))
      problems.push(`${change} leads from attempt ${attempt} to ${next}`);
    status = after;
    attempt = next;
  }
  if (attempt > maxAttempts) problems.push(`it was handed out ${attempt} times`);
  if (!ENDS.has(`${status}`)) problems.push(`it ended ${status}`);
  return problems;
}
