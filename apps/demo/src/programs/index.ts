import { writeCli } from './cli.ts';
import { writeCurl } from './curl.ts';
import type { WriteProgram } from './program-step.ts';
import { writeTypeScript } from './typescript.ts';

export type { ProgramStep } from './program-step.ts';

/** The languages in which a result can be copied. */
export const PROGRAMS = {
  typescript: { label: 'TypeScript', write: writeTypeScript },
  cli: { label: 'CLI', write: writeCli },
  curl: { label: 'curl', write: writeCurl },
} satisfies Record<string, { label: string; write: WriteProgram }>;

export type ProgramLanguage = keyof typeof PROGRAMS;
