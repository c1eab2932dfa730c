import type { FileValue, OptionValue } from '../../shared/api.ts';
import { addressOf, isFile } from '../lib/file-value.ts';
import { fileNameOf, type ProgramStep } from './program-step.ts';

/** A file that a program reads from the folder that it runs in. */
export interface ProgramFile {
  name: string;
  /** Where the page can save it from. */
  href: string;
}

/** What a program is saved as. */
const PROGRAM_FILE = 'program.mts';

/**
 * The files that a program needs beside it: whatever was uploaded, and outputs of tasks that it does not run. Each gets a name of its
 * own, under which the steps then read it.
 */
export function withFiles(steps: readonly ProgramStep[]): { steps: ProgramStep[]; files: ProgramFile[] } {
  const runs = new Set(steps.map(({ task_id }) => task_id));
  const files = new Map<string, ProgramFile>();
  // what the program writes must not replace what it reads
  const taken = new Set([PROGRAM_FILE, ...steps.map(fileNameOf)]);

  function fileOf(value: FileValue): ProgramFile {
    const address = addressOf(value);
    const known = files.get(address);
    if (known) return known;
    const name = freeName(wantedName(value), taken);
    const file = { name, href: 'url' in value ? address : `${address}?download=${encodeURIComponent(name)}` };
    taken.add(name);
    files.set(address, file);
    return file;
  }
  const named = (value: OptionValue): OptionValue =>
    !isFile(value) || ('task_id' in value && runs.has(value.task_id))
      ? value
      : { url: addressOf(value), name: fileOf(value).name };

  const renamed = steps.map((step) => ({
    ...step,
    options: Object.fromEntries(Object.entries(step.options).map(([option, value]) => [option, named(value)])),
  }));
  return { steps: renamed, files: [...files.values()] };
}

/** A name that every file system takes, and that ends no comment. */
function wantedName(value: FileValue): string {
  if (!('url' in value)) return `result-${value.task_id.slice(0, 8)}.png`;
  return value.name.replaceAll(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_') || 'file';
}

/** `mask.png`, `mask-2.png`, `mask-3.png`. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const [, stem = wanted, ending = ''] = /^(.+?)(\.\w+)?$/.exec(wanted) ?? [];
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${stem}-${count}${ending}`;
    if (!taken.has(name)) return name;
  }
}
