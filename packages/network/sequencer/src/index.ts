export type { KeyInfo, KeyLimits, KeyRole } from './access/keys.ts';
export type { Sequencer, SequencerOptions } from './create-sequencer.ts';
export { createSequencer } from './create-sequencer.ts';
export type { Database, Sql } from './database/database.ts';
export { openDatabase } from './database/database.ts';
export type { ArtifactStore, Expected } from './files/folder-store.ts';
export { createFolderStore } from './files/folder-store.ts';
export { createS3Store, readS3Options, type S3Options } from './files/s3-store.ts';
