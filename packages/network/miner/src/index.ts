export type { WorkflowCheck } from './check-requirements.ts';
export { checkWorkflow, checkWorkflows } from './check-requirements.ts';
export type { Miner, MinerOptions } from './create-miner.ts';
export { createMiner } from './create-miner.ts';
