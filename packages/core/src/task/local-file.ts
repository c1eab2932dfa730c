import type { LocalFile } from './file-content.ts';

/** A file that is opened at the submit. */
export function localFile(name: string, open: () => Promise<Blob>): LocalFile {
  return { [Symbol.toStringTag]: 'LocalFile', name, open };
}

/** Also for one of another copy of this package. */
export function isLocalFile(value: object): value is LocalFile {
  return Symbol.toStringTag in value && value[Symbol.toStringTag] === 'LocalFile';
}
