import { lstat, readdir, realpath, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { HeuristError } from '@heurist/core';

/** Where a file lies: as a ComfyUI names it. */
export interface FileRef {
  filename: string;
  subfolder: string;
  type: string;
}

/** The files of one run. */
export interface RunFiles {
  /** Names of the inputs that the miner uploaded, as ComfyUI gave them: `name` or `subfolder/name`. */
  inputs: readonly string[];
  /** What the prompt's history names. */
  outputs: readonly FileRef[];
  /** Part of the name of whatever the run saved. */
  mark: string;
  /** Subfolders of the outputs where files with the mark may lie. */
  folders: readonly string[];
  /** When the run began, in milliseconds: older files are others'. */
  startedAt: number;
}

const FOLDERS = ['input', 'output', 'temp'];
/** How far the clock of a file system may be off, in milliseconds. */
const SKEW_MS = 60_000;
/** Names of uploaded inputs begin so. */
export const INPUT_PREFIX = 'heurist-';

/** The folder of a ComfyUI, from which the files of ended tasks are removed. */
export class ComfyFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** @throws {HeuristError} `invalid_configuration` if this is not the folder of a ComfyUI */
  async check(): Promise<void> {
    const isFolder = async (name: string) => (await lstat(await realpath(join(this.#root, name)))).isDirectory();
    const found = await Promise.all(['input', 'output'].map((name) => isFolder(name).catch(() => false)));
    if (found.every(Boolean)) return;
    throw new HeuristError(
      `"${this.#root}" is not the folder of a ComfyUI: it must hold the folders input and output. Pass the folder that ComfyUI was installed in, or its --base-directory.`,
      { code: 'invalid_configuration' },
    );
  }

  /**
   * Removes the files of a run, and no others: what the miner uploaded, and what the run made. Nothing outside the three folders,
   * no link, and nothing older than the run.
   *
   * @returns how many files were removed
   */
  async remove({ inputs, outputs, mark, folders, startedAt }: RunFiles): Promise<number> {
    const uploaded = inputs.filter((name) => basename(name).startsWith(INPUT_PREFIX)).map(toInput);
    const made = outputs.filter(({ type }) => type !== 'input');
    const besides = [...folders, '', ...made.map(({ subfolder }) => subfolder)];
    const marked = await Promise.all([...new Set(besides)].map((folder) => this.#findMarked(folder, mark)));
    const refs = [...uploaded, ...made, ...marked.flat()];
    const removed = await Promise.all(refs.map((ref) => this.#removeOne(ref, startedAt - SKEW_MS).catch(() => false)));
    return removed.filter(Boolean).length;
  }

  /** What a node has saved beside its outputs, such as the first frame of a film with the prompt in it. */
  async #findMarked(subfolder: string, mark: string): Promise<FileRef[]> {
    if (mark.length < 8) return [];
    try {
      const folder = await this.#folderOf({ filename: '', subfolder, type: 'output' });
      const names = folder ? await readdir(folder) : [];
      return names.filter((name) => name.includes(mark)).map((filename) => ({ filename, subfolder, type: 'output' }));
    } catch {
      return [];
    }
  }

  async #removeOne(ref: FileRef, notBefore: number): Promise<boolean> {
    const folder = await this.#folderOf(ref);
    if (!folder) return false;
    const path = join(folder, basename(ref.filename));
    const { mtimeMs, isFile } = await lstat(path).then((stats) => ({ mtimeMs: stats.mtimeMs, isFile: stats.isFile() }));
    if (!isFile || mtimeMs < notBefore) return false;
    await unlink(path);
    return true;
  }

  /** The real folder that a file lies in; `undefined` if that is not inside the one of its type, by name or by a link. */
  async #folderOf({ filename, subfolder, type }: FileRef): Promise<string | undefined> {
    if (!FOLDERS.includes(type)) return undefined;
    // the folder itself may be a link to another disk
    const base = await realpath(join(this.#root, type));
    const named = resolve(base, subfolder, dirname(filename || 'x'));
    const real = await realpath(named);
    const isInside = [named, real].every((path) => path === base || path.startsWith(base + sep));
    return isInside ? real : undefined;
  }
}

function toInput(name: string): FileRef {
  return { filename: basename(name), subfolder: dirname(name), type: 'input' };
}
