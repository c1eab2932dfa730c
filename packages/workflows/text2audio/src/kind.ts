import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { text2audioOptions } from './options.ts';

export const defaultId = 'ace-step';

export const kind: TaskKind = {
  name: 'Text2AudioTask',
  task_type: WorkflowTaskType.Text2Audio,
  makes: 'audio',
  options: text2audioOptions,
  defaultId,
};
