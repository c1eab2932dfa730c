import { HeuristError, isTerminal, type PastAttempt, type TaskErrorInfo, type TaskProgress } from '@heurist/core';
import { batch } from '@heurist/server-kit/batch';
import { isLegacyMiner } from '../access/leases/legacy-miner-id.ts';
import { defaultLimits, type NetworkLimits } from '../access/limits/limits.ts';
import { changeTasks, ignoreRefusal, Refusal, type TaskContext } from './change-task.ts';
import type { Claim } from './dispatch.ts';
import { heartbeatSecondsAt, leaseSecondsAt } from './lease-time.ts';
import type { RunBounds } from './run-times.ts';
import { type Delivery, type EndedTask, finishTasks, recordProgress } from './table/change-tasks.ts';
import {
  findRunning,
  findSlow,
  type LockedTask,
  type RunState,
  type RunTimeLimits,
  readRunStates,
  readTasks,
} from './table/read-tasks.ts';
import type { TaskRecord } from './table/task-record.ts';
import { isAgreed } from './trust/second-miners.ts';
import type { FailedAttempt } from './trust/standings.ts';
import { scheduleWebhooks } from './webhooks/webhook-table.ts';

/** A claim and what its miner delivers. */
interface Finish extends Delivery {
  claim: Claim;
}

/** A heartbeat of a miner. */
interface Heartbeat {
  claim: Claim;
  progress: TaskProgress | undefined;
}

/** An attempt that has failed, for whatever reason. */
interface Failure {
  claim: Claim;
  /** What its history says. */
  code: string;
  /** What the task says, if it fails with the attempt. */
  error: TaskErrorInfo;
  /** The task or the network is at fault. */
  isExcused: boolean;
}

/** What a miner is told that still has its task, or had it when it was canceled. */
export type HeartbeatReply = { cancel: true } | { cancel: false; heartbeat_seconds: number };

const leaseLost = () =>
  new HeuristError('This lease is no longer valid: the task has ended, or another miner has it. Claim another task.', {
    code: 'lease_lost',
  });

/** How long attempts may take, and who is asked, and told, about their miners. */
export interface AttemptOptions {
  /** The lease of a run that begins, in seconds. Default 6. */
  leaseSeconds?: number | undefined;
  /** How long a task may run, without any progress and in all, whatever its heartbeats say. */
  limits?: Pick<NetworkLimits, 'stalledSeconds' | 'runSeconds'> & Partial<Pick<NetworkLimits, 'legacySilentSeconds'>>;
  /** Workflow -> from when on a run is so much longer than all others lately that another miner tries, in seconds. */
  unusual?: () => Promise<ReadonlyMap<string, number>>;
  /** Workflows, of which some set their own. */
  workflows?: readonly RunBounds[];
  /** Whether another miner than these is connected that can run a workflow. */
  hasOtherMiner?: (workflow_id: string, miner_ids: readonly string[]) => Promise<boolean>;
  /** Whether the task itself is at fault, as the sequencer can see without a miner. */
  isTaskFault?: (task: TaskRecord, code: string) => Promise<boolean>;
  /** Attempts have failed. */
  onFailure?: (failed: readonly FailedAttempt[]) => Promise<void>;
  /** Tasks were finished. */
  onFinish?: (tasks: readonly EndedTask[]) => Promise<void>;
}

/** The shortest lease, unless the operator wants another. */
export const LEASE_SECONDS = 6;

const ALONE: Required<AttemptOptions> = {
  leaseSeconds: LEASE_SECONDS,
  limits: defaultLimits,
  workflows: [],
  unusual: async () => new Map(),
  hasOtherMiner: async () => false,
  isTaskFault: async () => false,
  onFailure: async () => {},
  onFinish: async () => {},
};

/** What miners report about the attempts that they run. Reports of about the same moment are batched. */
export class Attempts {
  readonly #context: TaskContext;
  readonly #options: Required<AttemptOptions>;
  readonly #ownLimits: readonly RunTimeLimits[];
  readonly #leaseSeconds: number;
  readonly #finish = batch((finishes: readonly Finish[]) => this.#finishAll(finishes));
  readonly #handOutAgain = batch((failures: readonly Failure[]) => this.#failAll(failures, 'hand_out_again'));
  readonly #failForGood = batch((failures: readonly Failure[]) => this.#failAll(failures, 'fail'));
  readonly #read = batch((task_ids: readonly string[]) => readTasks(this.#context.database, task_ids));
  readonly #look = batch((task_ids: readonly string[]) => readRunStates(this.#context.database, task_ids));
  readonly #heartbeat = batch((heartbeats: readonly Heartbeat[]) => this.#heartbeatAll(heartbeats));

  constructor(context: TaskContext, options: AttemptOptions = {}) {
    this.#context = context;
    this.#options = { ...ALONE, ...options };
    const { workflows, limits, leaseSeconds } = this.#options;
    this.#leaseSeconds = leaseSeconds ?? LEASE_SECONDS;
    this.#ownLimits = workflows
      .filter(({ max_run_seconds, max_stalled_seconds }) => max_run_seconds || max_stalled_seconds)
      .map(({ workflow_id, max_run_seconds, max_stalled_seconds }) => ({
        workflow_id,
        stalledSeconds: max_stalled_seconds ?? limits.stalledSeconds,
        runSeconds: max_run_seconds ?? limits.runSeconds,
      }));
  }

  /**
   * Renews a lease and records the progress.
   *
   * @returns whether the miner should stop, because the task was canceled; if not, when its next heartbeat is due
   * @throws {HeuristError} `lease_lost`
   */
  async heartbeat(claim: Claim, progress: TaskProgress | undefined): Promise<HeartbeatReply> {
    const { task, isHeld } = await this.#heartbeat({ claim, progress });
    if (task?.status === 'canceled' && task.attempt === claim.attempt) return { cancel: true };
    if (!task || !isHeld) throw leaseLost();
    if (progress) this.#context.bus.publishTask(claim.task_id);
    return { cancel: false, heartbeat_seconds: heartbeatSecondsAt(growthOf(task), this.#leaseSeconds) };
  }

  async #heartbeatAll(heartbeats: readonly Heartbeat[]): Promise<{ task: RunState | undefined; isHeld: boolean }[]> {
    const { database, dispatch } = this.#context;
    const before = await readRunStates(database, idsOf(heartbeats));
    const current = heartbeats.flatMap(({ claim }, index) => {
      const task = before[index];
      return task && isCurrent(task, claim) ? [{ ...claim, extraSeconds: this.#extraSecondsOf(task) }] : [];
    });
    const renewed = await dispatch.renew(current);
    // what has just ended says how
    const missed = current.some(({ task_id }) => !renewed.has(task_id));
    const tasks = missed ? await readRunStates(database, idsOf(heartbeats)) : before;
    const results = heartbeats.map(({ claim, progress }, index) => {
      const task = tasks[index];
      return { task, claim, progress, isHeld: isCurrent(task, claim) && renewed.has(claim.task_id) };
    });
    const reports = results.flatMap(({ claim: { task_id }, progress, isHeld }) =>
      isHeld && progress ? { task_id, progress } : [],
    );
    await recordProgress(database, reports);
    return results;
  }

  #extraSecondsOf(task: RunState): number {
    return leaseSecondsAt(growthOf(task), this.#leaseSeconds) - this.#leaseSeconds;
  }

  /**
   * Whether the task of a lease was canceled, without renewing it.
   *
   * @throws {HeuristError} `lease_lost`
   */
  async checkRun(claim: Claim): Promise<boolean> {
    const task = await this.#look(claim.task_id);
    if (task?.status === 'canceled' && task.attempt === claim.attempt) return true;
    if (!isCurrent(task, claim)) throw leaseLost();
    return false;
  }

  /** @throws {HeuristError} `lease_lost` unless this attempt runs now */
  async checkLease(claim: Claim): Promise<void> {
    if (!isCurrent(await this.#read(claim.task_id), claim)) throw leaseLost();
  }

  /**
   * Finishes a task. A repeat of the same delivery, whose first response was lost, is accepted and changes nothing.
   *
   * @throws {HeuristError} `lease_lost`
   */
  async finish(claim: Claim, delivery: Delivery): Promise<void> {
    const isFinished = await this.#finish({ claim, ...delivery });
    if (isFinished) this.#context.bus.publishTask(claim.task_id);
    else await this.#checkRepeat(claim);
  }

  /** Returns which of them were allowed. */
  async #finishAll(finishes: readonly Finish[]): Promise<boolean[]> {
    const claims = finishes.map(({ claim }) => claim);
    const finished = (await this.#context.oneTrip?.finish(finishes)) ?? (await this.#finishStepwise(finishes));
    this.#count(finishes, finished);
    await this.#options.onFinish(finished);
    const attempts = new Map(finished.map(({ task_id, attempt }) => [task_id, attempt]));
    return claims.map(({ task_id, attempt }) => attempts.get(task_id) === attempt);
  }

  async #finishStepwise(finishes: readonly Finish[]): Promise<EndedTask[]> {
    const { database, dispatch } = this.#context;
    const finishing = database.transaction(async (sql) => {
      const completed = await dispatch.complete(
        sql,
        finishes.map(({ claim }) => claim),
      );
      const deliveries = finishes
        .filter(({ claim }) => completed.has(claim.task_id))
        .map(({ claim: { task_id, attempt }, ...delivery }) => ({ ...delivery, task_id, attempt }));
      const tasks = await finishTasks(sql, deliveries);
      // a job that ends without its task would be a state that no reader expects
      if (tasks.length < completed.size) throw new Refusal();
      await scheduleWebhooks(sql, tasks);
      return tasks;
    });
    return await finishing.catch((error) => {
      // the batch then tries each of them alone
      if (finishes.length > 1) throw error;
      ignoreRefusal(error);
      return [] as EndedTask[];
    });
  }

  #count(finishes: readonly Finish[], finished: readonly EndedTask[]): void {
    const loads = new Map(finishes.map(({ claim, load_seconds }) => [claim.task_id, load_seconds]));
    for (const { task_id, workflow_id, claimed_at, ended_at, upload_ms, load_ms } of finished) {
      const uploadSeconds = upload_ms === null ? undefined : upload_ms / 1000;
      const held = ended_at && claimed_at ? (ended_at.getTime() - claimed_at.getTime()) / 1000 : undefined;
      const runSeconds = held === undefined ? undefined : held - (uploadSeconds ?? 0);
      const end = {
        workflow_id,
        status: 'finished',
        runSeconds,
        uploadSeconds,
        loadSeconds: loads.get(task_id),
        modelLoadSeconds: load_ms === null ? undefined : load_ms / 1000,
      } as const;
      this.#context.events?.ended(end);
    }
  }

  /**
   * Fails an attempt: the task is handed out again if that can help, or fails.
   *
   * @param isNetworkFault - neither the miner nor the task is at fault
   */
  async fail(claim: Claim, error: TaskErrorInfo, isNetworkFault = false): Promise<void> {
    const { dispatch, bus } = this.#context;
    const { task_id, workflow_id } = claim;
    const before = await this.#read(task_id);
    const isTaskFault = !error.is_retryable && !!before && (await this.#options.isTaskFault(before, error.code));
    const needsOther = !error.is_retryable && !isTaskFault && (await this.#needsOtherMiner(before, error));
    const isHandedOutAgain = (error.is_retryable || needsOther) && !dispatch.isLastAttempt(claim);
    const failure = { claim, code: error.code, error, isExcused: isTaskFault || isNetworkFault };
    const hasFailed = isHandedOutAgain
      ? await this.#handOutAgain(failure)
      : await this.#failForGood({ ...failure, error: needsOther ? unconfirmed(error) : error });
    if (!hasFailed) await this.#checkRepeat(claim);
    if (isHandedOutAgain) bus.publishWork(workflow_id);
  }

  /** Returns which of them were the current attempts, and fail by this. */
  async #failAll(failures: readonly Failure[], event: 'hand_out_again' | 'fail'): Promise<boolean[]> {
    const { dispatch } = this.#context;
    const claims = failures.map(({ claim }) => claim);
    // of two reports of one attempt, the first one counts
    const first = new Map(failures.toReversed().map((failure) => [nameOf(failure.claim), failure]));
    const changed = await changeTasks(this.#context, {
      task_ids: claims.map(({ task_id }) => task_id),
      event,
      columns: (task) => {
        const failure = first.get(nameOf(task));
        if (!failure) throw new Refusal();
        const history = withAttempt(task, failure);
        return event === 'fail' ? { error: failure.error, history } : { progress: null, history };
      },
      settle: (sql) => (event === 'fail' ? dispatch.removeAttempts(sql, claims) : dispatch.handOutAgain(sql, claims)),
    });
    const tasks = new Map(changed.map((task) => [nameOf(task), task]));
    const hasFailed = failures.map(
      (failure) => first.get(nameOf(failure.claim)) === failure && tasks.has(nameOf(failure.claim)),
    );
    const failed = failures.filter((_, index) => hasFailed[index]);
    await this.#options.onFailure(
      failed.map(({ claim, isExcused }) => ({ task: tasks.get(nameOf(claim))!, isExcused })),
    );
    return hasFailed;
  }

  /** One miner alone cannot fail a task for good: another one must agree, as long as one can be asked. */
  async #needsOtherMiner(task: TaskRecord | undefined, { code }: TaskErrorInfo): Promise<boolean> {
    if (task?.miner_id == null || isAgreed(task.history, task.miner_id, code)) return false;
    const miner_ids = [task.miner_id, ...task.history.map(({ miner_id }) => miner_id)];
    return await this.#options.hasOtherMiner(task.workflow_id, miner_ids);
  }

  /** A report that changes nothing is accepted only if it was made before. */
  async #checkRepeat(claim: Claim): Promise<void> {
    const task = await this.#read(claim.task_id);
    const isRepeat = task && isTerminal(task.status) && task.status !== 'canceled' && task.attempt === claim.attempt;
    if (!isRepeat) throw leaseLost();
  }

  /** Takes tasks from miners that go on with heartbeats, but not with the task, or claim progress without end. */
  async #failSlow(): Promise<void> {
    const { limits, unusual } = this.#options;
    const slow = await findSlow(this.#context.database, limits, this.#ownLimits, await unusual());
    await this.#take(
      slow.map(({ is_over, seconds, ...claim }) => ({
        claim,
        code: 'miner_stalled',
        message: is_over
          ? `The run took longer than ${seconds} seconds, the limit of this workflow. Submit a smaller task, or try again later.`
          : `The miner reported no progress for ${seconds} seconds. Submit it again later.`,
      })),
    );
  }

  /** Takes tasks from their miners: all at once, since a whole data centre may have gone. */
  async #take(lost: readonly { claim: Claim; code: string; message: string }[]): Promise<void> {
    await Promise.all(
      lost.map(({ claim, ...error }) => this.fail(claim, { ...error, is_retryable: true }).catch(ignoreLostLease)),
    );
  }

  /**
   * Takes tasks from miners that make no progress, or have sent no heartbeat for the whole of their lease.
   *
   * @param leaseSeconds - the shortest lease: that of long runs is in their heartbeats
   * @param isFair - whether heartbeats could arrive: asked when the database has answered
   */
  async failExpired(leaseSeconds: number, isFair: () => boolean = () => true): Promise<void> {
    const { database, dispatch } = this.#context;
    const { legacySilentSeconds = defaultLimits.legacySilentSeconds } = this.#options.limits;
    const expired = await dispatch.findExpired(leaseSeconds);
    if (!isFair()) return;
    await this.#failSlow();
    const silent = new Map(expired.map(({ task_id, ...claim }) => [task_id, claim]));
    const running = await findRunning(database, [...silent.keys()]);
    await this.#take(
      running.flatMap(({ task_id, workflow_id, miner_id }) => {
        const { attempt, silentSeconds } = silent.get(task_id)!;
        // its requests for work are its heartbeats, and these pause while it looks after its ComfyUI
        if (isLegacyMiner(miner_id) && silentSeconds <= legacySilentSeconds) return [];
        return [{ claim: { task_id, workflow_id, attempt }, ...MINER_LOST }];
      }),
    );
  }
}

const MINER_LOST = {
  code: 'miner_lost',
  message: 'Every miner that claimed this task stopped responding. Submit it again later.',
};

/** One text for each attempt. */
const nameOf = ({ task_id, attempt }: Pick<Claim, 'task_id' | 'attempt'>) => `${task_id} ${attempt}`;

/** What becomes of a final failure that no other miner can be asked about any more: nothing is known about the task. */
function unconfirmed({ code, message }: TaskErrorInfo): TaskErrorInfo {
  return {
    code: 'failure_unconfirmed',
    message: `One miner says that the task cannot succeed (${code}: ${message}), and no other one has confirmed it. Submit it again.`,
    is_retryable: true,
  };
}

const idsOf = (heartbeats: readonly Heartbeat[]) => heartbeats.map(({ claim }) => claim.task_id);

/** By how many seconds of its run a lease grows. A reference miner asks every two seconds, and has a bound of its own. */
function growthOf({ miner_id, run_seconds }: RunState): number {
  return isLegacyMiner(miner_id) ? 0 : run_seconds;
}

/** Whether a claim's attempt runs now. */
function isCurrent(task: Pick<TaskRecord, 'status' | 'attempt'> | undefined, { attempt }: Claim): boolean {
  return task?.status === 'running' && task.attempt === attempt;
}

/** The history of a task, with its current attempt and how that ended. */
export function withAttempt(
  { history, attempt, miner_id, now }: LockedTask,
  { code }: Pick<TaskErrorInfo, 'code'>,
): PastAttempt[] {
  return [...history, { attempt, miner_id: miner_id ?? '', code, ended_at: now.toISOString() }];
}

function ignoreLostLease(error: unknown): void {
  if (!HeuristError.isInstance(error) || error.code !== 'lease_lost') throw error;
}
