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
  WorkflowTaskResult,
} from '@heurist/core';
export {
  HeuristError,
  isTerminal,
  TaskAbortedError,
  TaskCanceledError,
  TaskFailedError,
  TaskTimeoutError,
  WorkflowTask,
  WorkflowTaskType,
} from '@heurist/core';
export { Heurist, Heurist as default } from './client.ts';
export type { ClientOptions } from './client-options.ts';
export type { Image, ImageGenerateParams, ImageModel, ImagesResponse } from './images/images.ts';
export { Images } from './images/images.ts';
export { imageModels } from './images/models.ts';
export type { SmartGenParams } from './smartgen.ts';
export { SmartGen } from './smartgen.ts';
export type {
  FluxLoraOutput,
  FluxLoraTaskOptions,
  Image2ImageOutput,
  Image2ImageTaskOptions,
  Image2VideoOutput,
  Image2VideoTaskOptions,
  InpaintOutput,
  InpaintTaskOptions,
  Text2AudioOutput,
  Text2AudioTaskOptions,
  Text2ImageOutput,
  Text2ImageTaskOptions,
  Text2VideoOutput,
  Text2VideoTaskOptions,
  UpscalerOutput,
  UpscalerTaskOptions,
} from './tasks.ts';
export {
  FluxLoraTask,
  Image2ImageTask,
  Image2VideoTask,
  InpaintTask,
  Text2AudioTask,
  Text2ImageTask,
  Text2VideoTask,
  UpscalerTask,
} from './tasks.ts';
export { Workflow } from './workflow/workflow.ts';
