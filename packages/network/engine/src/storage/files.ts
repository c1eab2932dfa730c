import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';

/** ComfyUI's three folders. */
export const FILE_TYPES = ['input', 'output', 'temp'] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** A file as ComfyUI's replies name it. */
export interface FileRef {
  filename: string;
  subfolder: string;
  type: FileType;
}

/** A path that would leave the engine's folders. */
export class OutsideError extends Error {}

/** The engine's folders: uploads, results and previews. */
export interface EngineFiles {
  /** Names that LoadImage offers. */
  listInputs(): string[];
  /** Where a file lies. Throws {@link OutsideError} for a name that leads out of its folder. */
  locate(ref: FileRef): string;
  /** Where the value of LoadImage's `image` lies: `name`, `subfolder/name`, or with ` [output]` behind. */
  locateInput(annotated: string): string;
  /** Whether that file is there. */
  hasInput(annotated: string): boolean;
  /** Saves an upload: the same bytes under a taken name keep it, others get `name (1).ext`. */
  saveUpload(bytes: Uint8Array, ref: FileRef, overwrite: boolean): Promise<FileRef>;
  /** Saves results as `<prefix>_00001_.<extension>`, counting on from what is there. */
  saveNumbered(prefix: string, type: FileType, files: Buffer[], extension: string): Promise<FileRef[]>;
}

/**
 * @param root - folder that holds `input`, `output` and `temp`; `temp` is emptied at the start, as ComfyUI does
 */
export function createFiles(root: string): EngineFiles {
  const folder = (type: FileType) => join(root, type);
  rmSync(folder('temp'), { recursive: true, force: true });
  for (const type of FILE_TYPES) mkdirSync(folder(type), { recursive: true });

  function locate({ filename, subfolder, type }: FileRef): string {
    const base = resolve(folder(type));
    const path = resolve(base, subfolder, filename);
    if (!path.startsWith(base + sep)) throw new OutsideError(`${subfolder}/${filename} is outside the ${type} folder`);
    return path;
  }

  return {
    locate,
    listInputs: () =>
      readdirSync(folder('input'), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
    locateInput: (annotated) => locate(parseAnnotated(annotated)),
    hasInput(annotated) {
      try {
        return existsSync(locate(parseAnnotated(annotated)));
      } catch {
        return false;
      }
    },
    async saveUpload(bytes, ref, overwrite) {
      const free = overwrite ? ref : await freeName(ref, locate, bytes);
      const path = locate(free);
      mkdirSync(dirname(path), { recursive: true });
      await writeFile(path, bytes);
      return free;
    },
    async saveNumbered(prefix, type, files, extension) {
      const target = locate({ filename: prefix, subfolder: '', type });
      mkdirSync(dirname(target), { recursive: true });
      const subfolder = relative(folder(type), dirname(target)).replaceAll(sep, '/');
      const first = nextNumber(dirname(target), basename(target));
      return await Promise.all(
        files.map(async (bytes, index) => {
          const filename = `${basename(target)}_${String(first + index).padStart(5, '0')}_.${extension}`;
          await writeFile(join(dirname(target), filename), bytes);
          return { filename, subfolder, type };
        }),
      );
    },
  };
}

function parseAnnotated(annotated: string): FileRef {
  const match = /^(.*) \[(input|output|temp)\]$/.exec(annotated);
  return { filename: match?.[1] ?? annotated, subfolder: '', type: (match?.[2] as FileType | undefined) ?? 'input' };
}

async function freeName(ref: FileRef, locate: EngineFiles['locate'], bytes: Uint8Array): Promise<FileRef> {
  const extension = extname(ref.filename);
  const stem = ref.filename.slice(0, ref.filename.length - extension.length);
  for (let number = 0; ; number++) {
    const candidate = { ...ref, filename: number ? `${stem} (${number})${extension}` : ref.filename };
    const path = locate(candidate);
    if (!existsSync(path) || (await sameBytes(path, bytes))) return candidate;
  }
}

async function sameBytes(path: string, bytes: Uint8Array): Promise<boolean> {
  if (statSync(path).size !== bytes.length) return false;
  return hash(await readFile(path)) === hash(bytes);
}

/** SHA-256 of bytes, as hex. */
export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function nextNumber(folder: string, prefix: string): number {
  const numbers = readdirSync(folder).flatMap((name) => {
    if (!name.startsWith(`${prefix}_`)) return [];
    const number = Number.parseInt(name.slice(prefix.length + 1), 10);
    return Number.isNaN(number) ? [] : [number];
  });
  return Math.max(0, ...numbers) + 1;
}

/** The prefix of a preview: `ComfyUI_temp_` and five letters. */
export function temporaryPrefix(): string {
  return `ComfyUI_temp_${randomUUID()
    .replaceAll(/[^a-f]/g, '')
    .padEnd(5, 'x')
    .slice(0, 5)}`;
}

/** Fills in ComfyUI's `%width%`, `%height%`, `%batch_num%` and date placeholders. */
export function expandPrefix(prefix: string, width: number, height: number): string {
  const now = new Date();
  const values: Record<string, number> = {
    width,
    height,
    year: now.getFullYear(),
    month: now.getMonth() + 1,
    day: now.getDate(),
    hour: now.getHours(),
    minute: now.getMinutes(),
    second: now.getSeconds(),
  };
  return prefix.replace(/%(\w+)%/g, (text, name: string) => {
    const value = values[name];
    return value === undefined
      ? text
      : name === 'width' || name === 'height'
        ? `${value}`
        : `${value}`.padStart(2, '0');
  });
}
