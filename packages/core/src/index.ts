// Every name here is public API. Node-only code goes to a named subpath: this entry runs in browsers and workers too.
export type { Credentials } from './credentials.ts';
export { parseCredentials } from './credentials.ts';
export type { ErrorCode, WireErrorCode } from './error-codes.ts';
export type { HeuristErrorOptions } from './errors.ts';
export { HeuristError, TaskAbortedError, TaskCanceledError, TaskFailedError, TaskTimeoutError } from './errors.ts';
export type { FileSource } from './file-source.ts';
export { Heurist, Heurist as default } from './heurist.ts';
export { sniffMediaType } from './media-type.ts';
export type { DeadWebhook, MinerStatus, NetworkStatus, RecentFailure, WorkflowStatus } from './network-status.ts';
export type { FamilyOptions, OptionsSchema, SeededOutput } from './schema-task.ts';
export { pickSchema, SchemaTask } from './schema-task.ts';
export type {
  PastAttempt,
  TaskErrorInfo,
  TaskOutput,
  TaskProgress,
  TaskTimings,
  TaskVersions,
  WorkflowTaskResult,
} from './task-result.ts';
export type { TaskStatus } from './task-status.ts';
export { isTerminal, TASK_STATUSES } from './task-status.ts';
export type { WaitOptions } from './wait-for-task.ts';
export type { CancelResult, HeuristOptions, SubmitOptions, TaskHandle, Workflow } from './workflow.ts';
export type { ParameterIssue, ParametersSchema, WorkflowTaskOptions, WorkflowTaskOutput } from './workflow-task.ts';
export { checkParameters, WorkflowTask, WorkflowTaskType } from './workflow-task.ts';
