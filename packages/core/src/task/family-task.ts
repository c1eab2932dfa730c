import type { TaskOutput, WorkflowTaskResult } from '../wire/task-result.ts';
import { type OptionsSchema, pickSchema, SchemaTask } from './schema-task.ts';
import type { WorkflowTaskOptions, WorkflowTaskOutput, WorkflowTaskType } from './workflow-task.ts';

/** What all tasks of a package have in common. */
export interface TaskKind {
  /** Name of the class, for messages: `InpaintTask`. */
  readonly name: string;
  readonly task_type: WorkflowTaskType;
  /** Name of the first output in results. */
  readonly makes: 'image' | 'video' | 'audio';
  /** Workflow id -> schema of its options. A single schema applies to every workflow id. */
  readonly options: OptionsSchema | Readonly<Record<string, OptionsSchema>>;
  /** The graph whose options are accepted when the caller names none. */
  readonly defaultId: string;
  /** Let the network pick the graph when the caller names none. Default `false`: `defaultId` is sent. */
  readonly isNetworksChoice?: boolean;
}

/** A task of a package that has one or several graphs. */
export abstract class FamilyTask<
  Output extends WorkflowTaskOutput & Partial<Record<TaskKind['makes'], TaskOutput>>,
> extends SchemaTask<Output> {
  /** What all tasks of the class have in common. Each class sets it. */
  declare static readonly kind: TaskKind;

  /** The type of its tasks, without an instance. */
  static get task_type(): WorkflowTaskType {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit it
    return this.kind.task_type;
  }

  /** @throws {HeuristError} `invalid_parameters`: names each invalid option and how to fix it */
  constructor({ workflow_id, ...options }: WorkflowTaskOptions & object) {
    const { kind } = new.target as unknown as typeof FamilyTask;
    const id = workflow_id ?? kind.defaultId;
    super(kind.name, isSchema(kind.options) ? kind.options : pickSchema(kind.options, id), {
      ...options,
      workflow_id: kind.isNetworksChoice ? workflow_id : id,
    });
  }

  get task_type(): WorkflowTaskType {
    return (this.constructor as typeof FamilyTask).kind.task_type;
  }

  override parseOutput(result: WorkflowTaskResult): Output {
    return this.outputAs((this.constructor as typeof FamilyTask).kind.makes, result) as WorkflowTaskOutput as Output;
  }
}

function isSchema(options: TaskKind['options']): options is OptionsSchema {
  return '_zod' in options;
}
