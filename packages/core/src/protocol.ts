// The wire protocol, shared by the client, the sequencer and the miner.
export { errorCodes } from './error-codes.ts';
export type { Logger } from './logger.ts';
export { silentLogger } from './logger.ts';
export { networkStatusSchema } from './network-status.ts';
export { taskResultSchema } from './task-result.ts';
export type { CallOptions, Transport } from './transport.ts';
export { createTransport } from './transport.ts';
export { fileSlotSchema, uploadSlotSchema } from './upload-slot.ts';
export {
  fileCreateSchema,
  findDefinition,
  heartbeatReplySchema,
  keyCreateSchema,
  keyListReplySchema,
  keyRevokeSchema,
  minerHeartbeatSchema,
  minerRequestSchema,
  minerSubmitReplySchema,
  minerSubmitSchema,
  minerTaskSchema,
  minerUploadSchema,
  networkRequestSchema,
  parametersOf,
  resourceRequestSchema,
  taskCreateSchema,
  taskRefSchema,
} from './wire-schemas.ts';
