/** A file that is opened when its task is submitted: see `file` of `@heurist/core/node`. */
export interface LocalFile {
  readonly [Symbol.toStringTag]: 'LocalFile';
  /** For messages: its path. */
  readonly name: string;
  open(): Promise<Blob>;
}

/** What is in a file: it is uploaded when its task is submitted. */
export type FileContent =
  | Blob
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | LocalFile;

/** What a file option takes: an http(s) URL, or what is in the file. Text is always a URL, never a path. */
export type FileInput = string | URL | FileContent;

/** Also for Blobs and buffers of another realm, as in tests with jsdom, and another copy of this package. */
export function isFileContent(value: unknown): value is FileContent {
  return (
    Object(value) === value &&
    (Symbol.asyncIterator in (value as object) ||
      /(File|Blob|Buffer|Stream|[\dd]Array)]$/.test(Object.prototype.toString.call(value)))
  );
}
