export type { ArtifactStore, Expected } from './artifact-store.ts';
export { createFolderStore } from './artifact-store.ts';
export type { Sequencer, SequencerOptions } from './create-sequencer.ts';
export { createSequencer } from './create-sequencer.ts';
export type { Database, Sql } from './database.ts';
export { openDatabase } from './database.ts';
export type { KeyInfo, KeyLimits, KeyRole } from './keys.ts';
