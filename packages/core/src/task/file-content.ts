const localFile = Symbol.for('heurist.file');

/** A file that is opened when its task is submitted: see `file` of `@heurist/core/node`. */
export interface LocalFile {
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

/** Recognised by other copies of this package too. */
export function localFileOf(file: LocalFile): LocalFile {
  return Object.defineProperty(file, localFile, { value: true });
}

/** Also for Blobs and buffers of another realm, as in tests with jsdom. */
export function isFileContent(value: unknown): value is FileContent {
  if (typeof value !== 'object' || value === null) return false;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return (
    ArrayBuffer.isView(value) ||
    /^(Blob|File|ArrayBuffer|ReadableStream)$/.test(kind) ||
    Symbol.asyncIterator in value ||
    localFile in value
  );
}

/** Whether a task has files to upload: looked for in its parameters and in lists there. */
export function hasFiles({ parameters = {} }: { parameters?: object }): boolean {
  return Object.values(parameters).flat().some(isFileContent);
}

export const isLocalFile = (value: object): value is LocalFile => localFile in value;
