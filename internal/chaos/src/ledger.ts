import type { Database } from '@heurist/sequencer';

/** One change of a task's status, as the database itself saw it. */
export interface Change {
  task_id: string;
  /** `null`: the task was created. */
  before: string | null;
  after: string;
  attempt: number;
}

/** Makes the database record every change of every task, independently of the code under test. */
export async function keepLedger(database: Database): Promise<void> {
  await database.query(`
    CREATE TABLE public.ledger (
      number bigserial PRIMARY KEY, task_id uuid NOT NULL, before text, after text NOT NULL, attempt int NOT NULL
    );
    CREATE FUNCTION public.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO public.ledger (task_id, before, after, attempt)
      VALUES (NEW.task_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.attempt);
      RETURN NEW;
    END $$;
    CREATE TRIGGER made AFTER INSERT ON heurist.task FOR EACH ROW EXECUTE FUNCTION public.note_change();
    CREATE TRIGGER changed AFTER UPDATE ON heurist.task FOR EACH ROW
      WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.attempt IS DISTINCT FROM NEW.attempt)
      EXECUTE FUNCTION public.note_change();
  `);
}

export async function readLedger(database: Database): Promise<Change[]> {
  return await database.query<Change>('SELECT task_id, before, after, attempt FROM public.ledger ORDER BY number');
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

/** What is wrong with the changes of one task, in their order. */
export function checkChanges(changes: readonly Change[], maxAttempts: number): string[] {
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
  if (status !== 'finished' && status !== 'failed' && status !== 'canceled') problems.push(`it ended ${status}`);
  return problems;
}
