// Every name of heurist@0.0.43, and what apps use of ours.
export type {
  CancelResult,
  ErrorCode,
  FileSource,
  NetworkStatus,
  SubmitOptions,
  TaskErrorInfo,
  TaskHandle,
  TaskOutput,
  TaskProgress,
  TaskStatus,
  WaitOptions,
  WorkflowTaskOptions,
  WorkflowTaskOutput,
} from '@heurist/core';
export {
  HeuristError,
  isTerminal,
  TaskAbortedError,
  TaskCanceledError,
  TaskFailedError,
  TaskTimeoutError,
} from '@heurist/core';
export { Heurist, Heurist as default } from './client.ts';
export type { ClientOptions } from './client-options.ts';
export type { Image, ImageGenerateParams, ImageModel, ImagesResponse } from './images/images.ts';
export { Images } from './images/images.ts';
export { imageModels } from './images/models.ts';
export type { SmartGenParams } from './smartgen.ts';
export { SmartGen } from './smartgen.ts';
export * from './workflow.ts';
