export type { ArtifactStore, Expected } from './artifact-store.ts';
export { createFolderStore } from './artifact-store.ts';
export type { Sequencer, SequencerOptions } from './create-sequencer.ts';
export { createSequencer } from './create-sequencer.ts';
export type { Database, Sql } from './database.ts';
export { openDatabase } from './database.ts';
export type { KeyInfo, KeyLimits, KeyRole } from './keys.ts';
export { createS3Store, readS3Options, type S3Options } from './s3-store.ts';
