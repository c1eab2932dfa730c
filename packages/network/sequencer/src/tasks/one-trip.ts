import type { LeaseLimits } from '../access/leases/lease-room.ts';
import type { Database } from '../database/database.ts';
import { type Claim, queueName } from './dispatch.ts';
import type { AttemptStart, ClaimedRecord, Delivery, EndedTask } from './table/change-tasks.ts';
import type { TaskRow } from './table/insert-tasks.ts';
import type { TaskPlace } from './table/task-record.ts';
import type { Quota } from './task-quota.ts';

/** A new task, with the quotas that it counts for. */
type NewTask = Omit<TaskRow, 'has_webhook' | 'turn'>;

/** Whose tasks are counted together, and how many new ones there are. */
interface QuotaCount {
  submitter: { consumer_id: string; key_id?: string | undefined };
  quota: Quota;
  count: number;
}

/** A task that was recorded. */
interface Recorded {
  task: TaskPlace;
  position: number;
}

/** A miner that claims, with what it may run. */
interface Taker extends Omit<AttemptStart, 'task_id' | 'attempt'> {
  leases: LeaseLimits;
}

/** A task that was handed out. */
interface Taken {
  task: ClaimedRecord;
  claim: Claim;
}

/** A delivery of the current attempt. */
interface Ending extends Delivery {
  claim: Claim;
}

/** What was counted of an owner or key, when the tasks of the network had come to a number. */
interface Counted {
  owner: string;
  key: string | null;
  open: number;
  recent: number;
  number: number;
}

/** Owners and keys whose counts are remembered. */
const MAX_COUNTED = 10_000;
/** What the functions raise if a job does not fit its task. */
const MISFIT = 'HE001';

/**
 * What happens to every task, each in one round trip for a group: a function in the database does what the statements of a
 * transaction do otherwise, pg-boss's part included. Each answers `undefined`, and has changed nothing, if there is anything
 * special about the group: then the way by transactions, which knows everything, does it.
 */
export class OneTrip {
  readonly #database: Pick<Database, 'query'>;
  readonly #counted = new Map<string, Counted>();

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /**
   * Records tasks of owners that are within their quotas, with job ids that are new. Tasks of one owner in one workflow must have one
   * priority.
   *
   * @returns by task id
   */
  async submit(
    tasks: readonly NewTask[],
    quotas: readonly QuotaCount[],
  ): Promise<ReadonlyMap<string, Recorded> | undefined> {
    const lines = new Map<string, NewTask[]>();
    const drafts = tasks.map((task, rank) => {
      const name = keyOf(task.consumer_id, task.workflow_id);
      const line = lines.get(name) ?? [];
      lines.set(name, line);
      return { ...task, rank, place: line.push(task) - 1 };
    });
    const isMixed = [...lines.values()].some((line) => line.some(({ priority }) => priority !== line[0]!.priority));
    if (isMixed) return undefined;
    const [row] = await this.#database.query<{ done: { tasks: Placed[]; counted: Counted[] } | null }>(
      'SELECT heurist.submit_tasks_1($1, $2, $3) AS done',
      [
        JSON.stringify(quotas.map((each) => this.#describeQuota(each))),
        JSON.stringify([...lines.values()].map(describeLine)),
        JSON.stringify(drafts),
      ],
    );
    if (!row?.done) return undefined;
    this.#remember(row.done.counted);
    const workflows = new Map(tasks.map(({ task_id, workflow_id }) => [task_id, workflow_id]));
    return new Map(row.done.tasks.map((placed) => [placed.task_id, describePlaced(placed, workflows)]));
  }

  #describeQuota({ submitter: { consumer_id, key_id }, quota, count }: QuotaCount) {
    const { open, recent, number } = this.#counted.get(keyOf(consumer_id, key_id ?? null)) ?? {};
    const limits = { max_open: quota.openTasks, max_recent: quota.tasksPerMinute };
    return { owner: consumer_id, key: key_id ?? null, count, ...limits, open, recent, number };
  }

  #remember(counted: readonly Counted[]): void {
    if (this.#counted.size > MAX_COUNTED) this.#counted.clear();
    for (const each of counted) this.#counted.set(keyOf(each.owner, each.key), each);
  }

  /**
   * Hands out the next tasks of a workflow.
   *
   * @param task_ids - only these, in their order. Default: whatever is next
   * @returns in the order of the miners, as far as there are tasks
   */
  async claim(
    workflow_id: string,
    takers: readonly Taker[],
    task_ids?: readonly string[],
  ): Promise<(Taken | undefined)[] | undefined> {
    const claimants = takers.map(({ leases, held, key_id, claim_id, ...taker }) => ({
      ...taker,
      claim_id: claim_id ?? null,
      key_id: key_id || null,
      held: held ?? null,
      of_owner: leases.owner,
      of_key: leases.key,
      of_machine: leases.machine,
    }));
    const rows = await this.#database
      .query<ClaimedRecord & { place: number | null }>('SELECT * FROM heurist.claim_tasks_1($1, $2, $3, $4)', [
        workflow_id,
        queueName(workflow_id),
        JSON.stringify(claimants),
        task_ids ?? null,
      ])
      .catch(unlessMisfit);
    if (!rows || rows.some(({ place }) => place === null)) return undefined;
    const taken = new Map(rows.map(({ place, ...task }) => [place, task]));
    return takers.map((_, place) => {
      const task = taken.get(place);
      return task && { task, claim: { task_id: task.task_id, workflow_id, attempt: task.attempt } };
    });
  }

  /** Finishes tasks. Returns those whose attempt was the current one. */
  async finish(endings: readonly Ending[]): Promise<EndedTask[] | undefined> {
    if (endings.some(({ truncated }) => truncated)) return undefined;
    const deliveries = endings.map(({ claim, ...delivery }) => ({
      ...delivery,
      task_id: claim.task_id,
      attempt: claim.attempt,
      queue: queueName(claim.workflow_id),
    }));
    return await this.#database
      .query<EndedTask>('SELECT * FROM heurist.finish_tasks_1($1)', [JSON.stringify(deliveries)])
      .catch(unlessMisfit);
  }
}

/** A row of what was recorded. */
interface Placed {
  task_id: string;
  turn: number;
  number: number;
  position: number;
}

function describePlaced({ position, ...placed }: Placed, workflows: ReadonlyMap<string, string>): Recorded {
  const workflow_id = workflows.get(placed.task_id)!;
  return { task: { ...placed, workflow_id, status: 'waiting', claimed_at: null, progress: null }, position };
}

/** Tasks of one owner in one workflow. */
function describeLine([first, ...others]: readonly NewTask[]) {
  const { consumer_id, workflow_id, priority } = first!;
  return { consumer_id, workflow_id, priority, count: 1 + others.length, queue: queueName(workflow_id) };
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts);

function unlessMisfit(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== MISFIT) throw error;
}
