export type { ServerCheck, WorkflowCheck } from './check-requirements.ts';
export { checkWorkflow, checkWorkflows } from './check-requirements.ts';
export type { Miner, MinerOptions } from './create-miner.ts';
export { createMiner } from './create-miner.ts';
export type { MinerState, MinerStatus } from './miner-status.ts';
export type { LeasedTask, OutputDescription, Report, Sequencer } from './sequencer-client.ts';
export type { StatusServer } from './status-server.ts';
export { serveStatus } from './status-server.ts';
