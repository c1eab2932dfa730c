// What nearly every entry needs, built as one file (`tsup.config.ts`): each further file makes an import slower. Nothing here imports
// zod or ky. No entry of the package: entries export its names one by one.
export * from './client/abandon.ts';
export * from './task/family-task.ts';
export * from './task/file-content.ts';
export * from './task/option-names.ts';
export * from './task/schema-task.ts';
export * from './task/workflow-task.ts';
export * from './wire/errors.ts';
export * from './wire/messages.ts';
export * from './wire/task-result.ts';
export * from './wire/task-status.ts';
