export { createConsoleLogger } from './console-logger.ts';
export { loadWorkflows } from './load-workflows.ts';
export { createProgram } from './program.ts';
export type { ProgressOutput, ProgressView } from './progress-view.ts';
export { createProgressView, describeState } from './progress-view.ts';
export { workflows } from './workflows.ts';
