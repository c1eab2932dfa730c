// The wire protocol, shared by the client, the sequencer and the miner.

export type { Logger } from '@heurist/server-kit/logger';
export { silentLogger } from '@heurist/server-kit/logger';
export { findDefinition, pickDefinition } from './definition/find-definition.ts';
export { mostFileBytes } from './definition/most-file-bytes.ts';
export { errorCodes } from './wire/error-codes.ts';
export { MOST_OUTPUTS, RESULT_TEXT_CHARACTERS } from './wire/fields.ts';
export { networkStatusSchema } from './wire/network-status.ts';
export { PAGE_CALLS } from './wire/page-calls.ts';
export { printable, printableLine } from './wire/printable.ts';
export { checkProtocolVersion, PROTOCOL_HEADER, PROTOCOL_VERSION } from './wire/protocol-version.ts';
export { fileEnding, kindOfMedia, safeFilename } from './wire/safe-filename.ts';
export {
  auditListSchema,
  auditReplySchema,
  fileCreateSchema,
  heartbeatReplySchema,
  heartbeatsReplySchema,
  keyChangeSchema,
  keyCreateSchema,
  keyLimitSchema,
  keyListReplySchema,
  keyRevokeSchema,
  keyRotateReplySchema,
  keyRotateSchema,
  minerHeartbeatSchema,
  minerHeartbeatsSchema,
  minerRequestSchema,
  minerSubmitReplySchema,
  minerSubmitSchema,
  minerTaskSchema,
  minerUploadSchema,
  networkRequestSchema,
  parametersOf,
  resourceRequestSchema,
  sessionCreateSchema,
  sessionRevokeSchema,
  submissionSchema,
  taskCreateSchema,
  taskRefSchema,
  tasksCreateSchema,
  tasksEventsSchema,
  tasksQuerySchema,
} from './wire/schemas.ts';
export { revokedSessionsSchema, sessionSchema } from './wire/session.ts';
export { taskResultSchema, tasksReplySchema } from './wire/task-result-schema.ts';
export type { CallOptions, Transport } from './wire/transport.ts';
export { createTransport } from './wire/transport.ts';
export { describeUnreadable, findUnreadable, mediaTypeOf } from './wire/unreadable-media.ts';
export { fileSlotSchema, uploadSlotSchema } from './wire/upload-slot.ts';
