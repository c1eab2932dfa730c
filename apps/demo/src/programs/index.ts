import { writeCli } from './cli.ts';
import { writeCurl } from './curl.ts';
import { type ProgramFile, withFiles } from './program-files.ts';
import type { ProgramStep, WriteProgram } from './program-step.ts';
import { writeTypeScript } from './typescript.ts';

export type { ProgramStep } from './program-step.ts';

/** The languages in which a result can be copied. */
export const PROGRAMS = {
  typescript: { label: 'TypeScript', write: writeTypeScript },
  cli: { label: 'CLI', write: writeCli },
  curl: { label: 'curl', write: writeCurl },
} satisfies Record<string, { label: string; write: WriteProgram }>;

export type ProgramLanguage = keyof typeof PROGRAMS;

/** A program, and the files that it reads. */
export interface Program {
  text: string;
  files: ProgramFile[];
}

/** Writes the program of a chain of tasks in a language. */
export function writeProgram(language: ProgramLanguage, chain: readonly ProgramStep[], networkUrl: string): Program {
  const { steps, files } = withFiles(chain);
  return { text: PROGRAMS[language].write(steps, networkUrl), files };
}
