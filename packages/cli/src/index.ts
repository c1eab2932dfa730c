export type { DevNetwork, DevNetworkOptions, StartDevNetwork } from './network/local-network.ts';
export { createConsoleLogger } from './output/console-logger.ts';
export type { ProgressOutput, ProgressView } from './output/progress-view.ts';
export { createProgressView, describeState } from './output/progress-view.ts';
export { createProgram } from './program/create-program.ts';
export type { ProgramOptions } from './program/program-options.ts';
export { runHeurist } from './run-heurist.ts';
export { loadWorkflows } from './workflows/load-workflows.ts';
export { workflows } from './workflows/workflows.ts';
