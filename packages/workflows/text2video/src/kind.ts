import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { text2videoOptions } from './options.ts';

export const defaultId = '1';

export const kind: TaskKind = {
  name: 'Text2VideoTask',
  task_type: WorkflowTaskType.Text2Video,
  makes: 'video',
  options: text2videoOptions,
  defaultId,
};
