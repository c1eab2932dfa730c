// Every name here is public API. Node-only code goes to a named subpath: this entry runs in browsers and workers too.
export type {
  CancelResult,
  HeuristOptions,
  RequestOptions,
  SubmitOptions,
  TaskClass,
  TaskHandle,
} from './client/client-options.ts';
export type { Credentials } from './client/credentials.ts';
export { parseCredentials } from './client/credentials.ts';
export type { FileSource } from './client/files/file-source.ts';
export { Heurist, Heurist as default } from './client/heurist.ts';
export type { ManyTask, OutputOf, RunManyOptions, RunManyResult } from './client/run-many.ts';
export type { WaitOptions } from './client/wait-for-task.ts';
export { Workflow } from './client/workflow.ts';
export type { TaskKind } from './task/family-task.ts';
export { FamilyTask } from './task/family-task.ts';
export type { FileContent, FileInput, LocalFile } from './task/file-content.ts';
export type { FamilyOptions, OptionsSchema, SeededOutput } from './task/schema-task.ts';
export { pickSchema, SchemaTask } from './task/schema-task.ts';
export type {
  ParameterIssue,
  ParametersSchema,
  WorkflowTaskOptions,
  WorkflowTaskOutput,
} from './task/workflow-task.ts';
export { checkParameters, WorkflowTask, WorkflowTaskType } from './task/workflow-task.ts';
export type { ErrorCode, WireErrorCode } from './wire/error-codes.ts';
export type { Cancellation, HeuristErrorOptions } from './wire/errors.ts';
export { HeuristError, TaskAbortedError, TaskCanceledError, TaskFailedError, TaskTimeoutError } from './wire/errors.ts';
export { sniffMediaType } from './wire/media-type.ts';
export type { DeadWebhook, MinerStatus, NetworkStatus, RecentFailure, WorkflowStatus } from './wire/network-status.ts';
export type { Session, SessionChoice, SessionOptions } from './wire/session.ts';
export type {
  DownloadOptions,
  OutputDescription,
  PastAttempt,
  TaskErrorInfo,
  TaskOutput,
  TaskProgress,
  TaskTimings,
  TaskVersions,
  WorkflowTaskResult,
} from './wire/task-result.ts';
export type { TaskStatus } from './wire/task-status.ts';
export { isTerminal, TASK_STATUSES } from './wire/task-status.ts';
