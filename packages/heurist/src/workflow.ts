// `heurist/workflow`
export type { WorkflowTaskResult } from '@heurist/core';
export { WorkflowTask, WorkflowTaskType } from '@heurist/core';
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
