import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Watches the folders of files: an editor may replace a file instead of writing to it. */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #folders = new Map<string, FSWatcher>();

  /** @param onChange - called for each change of anything in these folders, several times for one that is saved */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches the folders of these files, and no others. */
  follow(files: Iterable<string>): void {
    const folders = new Set(Array.from(files, dirname));
    for (const [folder, watcher] of this.#folders)
      if (!folders.has(folder)) {
        watcher.close();
        this.#folders.delete(folder);
      }
    for (const folder of folders) if (!this.#folders.has(folder)) this.#folders.set(folder, this.#open(folder));
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
