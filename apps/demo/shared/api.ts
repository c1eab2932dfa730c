// What crosses between the page and its server.
import type { NetworkStatus, RecentFailure, TaskOutput, WorkflowTaskResult } from '@heurist/core';
import type { ParameterDescription } from '@heurist/core/definition';

/** A file that an option names: one that was uploaded, or an output of an earlier task. */
export type FileValue = { url: string; name: string } | { task_id: string; output: number };

/** The value of an option. */
export type OptionValue = string | number | FileValue;

/** Options of a task, by the names that the package's task class has. */
export type Options = Record<string, OptionValue>;

/** One graph of a package. */
export interface WorkflowInfo {
  workflow_id: string;
  title: string;
  /** Option -> what it takes, in the order of the package. */
  options: Record<string, ParameterDescription>;
  required: string[];
  /** Options that are files. */
  files: string[];
}

/** A workflow package. */
export interface FamilyInfo {
  /** Such as `text2image`. */
  name: string;
  /** Such as `@heurist/text2image`. */
  package: string;
  /** Such as `Text2ImageTask`. */
  task: string;
  title: string;
  /** Name of the first output in the task's result. */
  makes: 'image' | 'video' | 'audio';
  /** The default first. */
  workflows: WorkflowInfo[];
}

/** Body of a submit. */
export interface NewTask {
  family: string;
  workflow_id: string;
  options: Options;
  /** Made by the page once for each press of the button: sent again, it is the same task. */
  job_id: string;
}

/** An output, whose address is the page's own server. */
export type Output = TaskOutput;

/** How a task is. */
export type TaskState = Omit<WorkflowTaskResult, 'result'>;

/** What the network can do. Who has a task's id may see the task, so visitors are not told the ids of others. */
export type OpenNetwork = Omit<NetworkStatus, 'recent_failures' | 'dead_webhooks'> & {
  recent_failures: Omit<RecentFailure, 'task_id'>[];
};

/** The same, or a network of another kind, which does not tell. */
export type Network = OpenNetwork | { isSilent: true };

/** A refused or failed call. */
export interface ApiError {
  code: string;
  message: string;
}
