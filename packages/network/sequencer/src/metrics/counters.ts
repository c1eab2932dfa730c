import { Counter, Histogram, Registry } from 'prom-client';
import { boundLabel, OTHER } from './bound-label.ts';
import { failureCodes } from './failure-codes.ts';
import type { TaskEnd, TaskEvents } from './task-events.ts';
import type { Traffic } from './traffic.ts';

/** From the claim of a small picture to a long film. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** How a claim ends: with a task, without, or with a refusal. */
const CLAIMS = ['task', 'none', 'aside', 'full'] as const;
const HEARTBEATS = ['renewed', 'canceled', 'refused'] as const;
const DELIVERIES = ['delivered', 'failed', 'given_up'] as const;
const OUTCOMES = ['finished', 'failed', 'canceled'] as const;
/** Whether a miner holds the models of a task that it claims. */
const MODELS = ['warm', 'cold', 'unknown'] as const;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'];

/** What happened at this replica since its start. Each sequencer has its own, also if several share a process. */
export class Counters implements TaskEvents {
  readonly registry = new Registry();
  readonly #workflow: (workflow_id: string) => string;
  readonly #code = boundLabel(failureCodes);
  readonly #method = boundLabel(METHODS);
  readonly #submitted = this.#counter(
    'heurist_tasks_submitted_total',
    'Tasks accepted, without repeats of earlier submits.',
    ['workflow_id'],
  );
  readonly #ended = this.#counter(
    'heurist_tasks_ended_total',
    'Tasks that ended, by outcome: finished, failed or canceled.',
    ['workflow_id', 'outcome'],
  );
  readonly #failures = this.#counter(
    'heurist_failures_total',
    'Attempts that failed, by error code, and tasks that timed out. A task may have several attempts.',
    ['code'],
  );
  readonly #queue = this.#seconds(
    'heurist_task_queue_seconds',
    'Seconds from submit, or the end of the attempt before, to claim.',
  );
  readonly #run = this.#seconds(
    'heurist_task_run_seconds',
    'Seconds from claim to the end of the graph, of tasks that finished.',
  );
  readonly #load = this.#seconds(
    'heurist_task_load_seconds',
    'Seconds of a run spent on fetching inputs and in nodes that load models or files, as the miner reports them.',
  );
  readonly #warm = this.#counter(
    'heurist_claimed_models_total',
    'Tasks that miners claimed, by whether they held the models: warm, cold, or unknown for miners that do not say what they hold.',
    ['workflow_id', 'models'],
  );
  readonly #switches = this.#counter(
    'heurist_model_switches_total',
    'Runs of tasks that finished in which models were loaded, as the miner measured.',
    ['workflow_id'],
  );
  readonly #modelLoad = this.#counter(
    'heurist_model_load_seconds_total',
    'Seconds of these runs in which models were loaded.',
    ['workflow_id'],
  );
  readonly #upload = this.#seconds(
    'heurist_task_upload_seconds',
    'Seconds from the end of the graph until the outputs were stored.',
  );
  readonly #claims = this.#counter(
    'heurist_claims_total',
    'Requests of miners for a task, by outcome: task, none, aside (kept from the workflow) or full (as many tasks as it may run).',
    ['outcome'],
  );
  readonly #heartbeats = this.#counter(
    'heurist_heartbeats_total',
    'Heartbeats of miners, by outcome: renewed, canceled (the consumer wants the task no more) or refused (the lease is lost).',
    ['outcome'],
  );
  readonly #deliveries = this.#counter(
    'heurist_webhook_deliveries_total',
    'Attempts to deliver a webhook, by outcome: delivered, failed (tried again later) or given_up.',
    ['outcome'],
  );
  readonly #requests = this.#counter(
    'heurist_http_requests_total',
    'HTTP requests answered, by method, route and status. Paths that are not a route count as other.',
    ['method', 'route', 'status'],
  );
  readonly #stored = this.#counter('heurist_stored_bytes_total', 'Bytes of files stored, by kind: input or output.', [
    'kind',
  ]);

  /** @param workflow_ids - those of the network; others count as `other` */
  constructor(workflow_ids: readonly string[], traffic: Traffic) {
    this.#workflow = boundLabel(workflow_ids);
    this.#traffic(
      'heurist_received_bytes_total',
      'Bytes received over HTTP, headers included.',
      () => traffic.total.received,
    );
    this.#traffic('heurist_sent_bytes_total', 'Bytes sent over HTTP, headers included.', () => traffic.total.sent);
    this.#beginAtZero(workflow_ids);
  }

  submitted(workflow_id: string): void {
    this.#submitted.inc({ workflow_id: this.#workflow(workflow_id) });
  }

  claimed(workflow_id: string, queueSeconds: number, isWarm?: boolean): void {
    const label = this.#workflow(workflow_id);
    this.#queue.observe({ workflow_id: label }, Math.max(0, queueSeconds));
    const models = isWarm === undefined ? 'unknown' : isWarm ? 'warm' : 'cold';
    this.#warm.inc({ workflow_id: label, models });
  }

  failed(code: string): void {
    this.#failures.inc({ code: this.#code(code) });
  }

  ended({ status, runSeconds, uploadSeconds, loadSeconds, modelLoadSeconds, ...task }: TaskEnd): void {
    const workflow_id = this.#workflow(task.workflow_id);
    this.#ended.inc({ workflow_id, outcome: status });
    if (runSeconds !== undefined) this.#run.observe({ workflow_id }, Math.max(0, runSeconds));
    if (uploadSeconds !== undefined) this.#upload.observe({ workflow_id }, Math.max(0, uploadSeconds));
    if (loadSeconds !== undefined) this.#load.observe({ workflow_id }, Math.max(0, loadSeconds));
    if (modelLoadSeconds) {
      this.#switches.inc({ workflow_id });
      this.#modelLoad.inc({ workflow_id }, modelLoadSeconds);
    }
  }

  countClaim(outcome: (typeof CLAIMS)[number]): void {
    this.#claims.inc({ outcome });
  }

  countHeartbeat(outcome: (typeof HEARTBEATS)[number]): void {
    this.#heartbeats.inc({ outcome });
  }

  countDelivery(outcome: (typeof DELIVERIES)[number]): void {
    this.#deliveries.inc({ outcome });
  }

  /** @param route - as it is registered, such as `/artifacts/:id`; `undefined` for a path that is none */
  countRequest(method: string, route: string | undefined, status: number): void {
    this.#requests.inc({ method: this.#method(method), route: route ?? OTHER, status: `${status}` });
  }

  countStored(kind: 'input' | 'output', bytes: number): void {
    this.#stored.inc({ kind }, bytes);
  }

  /** A counter that begins with 1 shows no increase: Prometheus would miss the first failure. */
  #beginAtZero(workflow_ids: readonly string[]): void {
    for (const workflow_id of new Set(workflow_ids.map(this.#workflow))) {
      this.#submitted.inc({ workflow_id }, 0);
      for (const outcome of OUTCOMES) this.#ended.inc({ workflow_id, outcome }, 0);
      for (const models of MODELS) this.#warm.inc({ workflow_id, models }, 0);
      this.#switches.inc({ workflow_id }, 0);
      this.#modelLoad.inc({ workflow_id }, 0);
    }
    for (const code of failureCodes) this.#failures.inc({ code }, 0);
    for (const outcome of CLAIMS) this.#claims.inc({ outcome }, 0);
    for (const outcome of HEARTBEATS) this.#heartbeats.inc({ outcome }, 0);
    for (const outcome of DELIVERIES) this.#deliveries.inc({ outcome }, 0);
    for (const kind of ['input', 'output']) this.#stored.inc({ kind }, 0);
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #seconds(name: string, help: string): Histogram<'workflow_id'> {
    return new Histogram({ name, help, labelNames: ['workflow_id'], buckets: SECONDS, registers: [this.registry] });
  }

  #traffic(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
