import type { Database } from '../../database/database.ts';
import type { Dispatch } from '../dispatch.ts';
import { findModelGroups, type ModelGroup } from '../table/model-statistics.ts';
import type { PassedLine } from './fleet-table.ts';
import type { ModelLine } from './knowledge.ts';

/** How many waiting tasks of a line are counted: the rule weighs how long they keep those busy that hold the models. */
const COUNTED = 100;

/** A line of waiting tasks that need the same models, and the task that is first. */
export interface WaitingModelLine extends ModelLine {
  head_id: string;
  /** Of a workflow whose tasks need various models: its tasks. Else, whatever is first in the queue of the workflow. */
  task_ids?: string[] | undefined;
  /** The time, by the database's clock. */
  now: number;
}

/** Workflow id -> the models that all of its tasks need; `undefined` if they need various ones. */
export type WorkflowModels = ReadonlyMap<string, string | undefined>;

/** Reads what waits, by workflow and model. */
export class ModelLines {
  readonly #database: Database;
  readonly #dispatch: Dispatch;
  readonly #models: WorkflowModels;

  constructor({ database, dispatch }: { database: Database; dispatch: Dispatch }, models: WorkflowModels) {
    this.#database = database;
    this.#dispatch = dispatch;
    this.#models = models;
  }

  /**
   * @param claims - how many tasks are wanted at most
   * @param passed - lines that are passed by, by their ids
   */
  async read(
    workflow_ids: readonly string[],
    claims: number,
    passed: ReadonlyMap<string, PassedLine>,
  ): Promise<WaitingModelLine[]> {
    const count = Math.max(claims, COUNTED);
    const isVaried = (id: string) => this.#models.has(id) && this.#models.get(id) === undefined;
    const fixed = workflow_ids.filter((id) => !isVaried(id));
    const [waiting, groups] = await Promise.all([
      this.#dispatch.findWaiting(fixed, count),
      findModelGroups(this.#database, workflow_ids.filter(isVaried), count),
    ]);
    const lines = [
      ...waiting.map((line) => ({
        ...line,
        id: line.workflow_id,
        model_key: this.#models.get(line.workflow_id) || undefined,
      })),
      ...groups.map(lineOf),
    ];
    return lines.map((line) => ({ ...line, passed_since: sinceOf(passed.get(line.id), line.head_id) }));
  }
}

/** With another first task, nothing is passed by. */
function sinceOf(passed: PassedLine | undefined, head_id: string): number | undefined {
  return passed?.head_id === head_id ? passed.since : undefined;
}

function lineOf({ model_key, task_ids, ...group }: ModelGroup): WaitingModelLine {
  return {
    ...group,
    id: JSON.stringify([group.workflow_id, model_key]),
    model_key: model_key || undefined,
    count: task_ids.length,
    head_id: task_ids[0]!,
    task_ids,
  };
}
