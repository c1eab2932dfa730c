import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Watches the folders of files: an editor may replace a file instead of writing to it. */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #folders = new Map<string, Watched>();

  /** @param onChange - called for each change of anything in these folders, several times for one that is saved */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches the folders of these files, and no others. Of a folder that is gone, the one above tells when it is back. */
  follow(files: Iterable<string>): void {
    const folders = new Map(Array.from(files, folderOf).map((folder) => [folder, statSync(folder).ino]));
    // a folder that was made anew is another, which its old watcher does not see
    for (const [folder, { watcher, inode }] of this.#folders)
      if (folders.get(folder) !== inode) {
        watcher.close();
        this.#folders.delete(folder);
      }
    for (const [folder, inode] of folders)
      if (!this.#folders.has(folder)) this.#folders.set(folder, { watcher: this.#open(folder), inode });
  }

  close(): void {
    this.follow([]);
  }

  #open(folder: string): FSWatcher {
    const watcher = watch(folder, () => this.#onChange());
    // it was deleted: the next load says what is missing
    watcher.on('error', () => this.#onChange());
    return watcher;
  }
}

interface Watched {
  watcher: FSWatcher;
  /** Which folder of that name it is. */
  inode: number;
}

/** The folder of a file, or the first above it that is there. */
function folderOf(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) ? folder : folderOf(folder);
}
