import type { Span } from './bytes.ts';

/** Something that a file says about itself. ComfyUI calls the graph `prompt`, and the file of its editor `workflow`. */
export interface Entry {
  name: string;
  text: string;
}

/** A part of a file in which it says something. */
export interface Block extends Span {
  /** What it says, as far as it can be read. */
  read(): Entry[] | Promise<Entry[]>;
}

/**
 * Where files of one format say something about themselves. What is read and what is removed are the same blocks: nothing can be
 * read that is not removed. Files may be cut, damaged, or made to mislead: nothing here throws.
 */
export interface Container {
  find(bytes: Uint8Array): Block[];
  /** The file without what these blocks say. */
  remove(bytes: Uint8Array, blocks: readonly Block[]): Uint8Array<ArrayBuffer>;
}
