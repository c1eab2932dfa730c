export type { KeyInfo, KeyLimits, KeyRole } from './access/keys.ts';
export type { Sequencer } from './create-sequencer.ts';
export { createSequencer } from './create-sequencer.ts';
export type { Database, Sql } from './database/database.ts';
export { openDatabase } from './database/open-database.ts';
export type { ArtifactStore, Expected } from './files/artifact-store.ts';
export { createFolderStore } from './files/folder-store.ts';
export { createS3Store, readS3Options, type S3Options } from './files/s3-store.ts';
export type { SequencerOptions } from './sequencer-options.ts';
