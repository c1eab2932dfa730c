import { readFileSync } from 'node:fs';
import { printableLine } from '@heurist/core/protocol';
import { textOf } from '@heurist/graph-plan/file-text';
import { CommandError } from '../output/command-error.ts';
import { testFileSchema, type WorkflowTest } from './test-file-schema.ts';

/** Exit code for a file of tests that cannot be used: no test has failed. */
const BAD_FILE = 2;

/** How much of a wrong value is repeated. */
const LONGEST_VALUE = 60;

/**
 * Reads a file of tests.
 *
 * @throws {CommandError} with exit code 2 and every problem in one line, each with the path of its field
 */
export function readTestFile(path: string): WorkflowTest[] {
  const json = parse(path);
  const { success, data, error } = testFileSchema.safeParse(json);
  if (success) return data.tests;
  const problems = error.issues.map(({ path, message, ...issue }) =>
    issue.code === 'unrecognized_keys'
      ? `${fieldOf(path)} has no field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
      : `${fieldOf(path)} ${message} (${shown(valueAt(json, path))})`,
  );
  throw badFile(path, `${problems.join('; ')}.`);
}

/** A file of tests that cannot be used. */
export function badFile(path: string, problem: string, cause?: unknown): CommandError {
  return new CommandError(`${path}: ${printableLine(problem)}`, { code: 'invalid_input', exitCode: BAD_FILE, cause });
}

function parse(path: string): unknown {
  try {
    const bytes = readFileSync(path);
    return JSON.parse(textOf(bytes) ?? '');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code) throw badFile(path, `cannot be read (${code}). Check the path.`, cause);
    throw badFile(path, `is not valid JSON (${message.slice(0, 150)}).`, cause);
  }
}

/** `tests[0].expect.width`, as code names it. */
function fieldOf(path: readonly PropertyKey[]): string {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return name.replace(/^\./, '') || 'the file';
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], json);
}

function shown(value: unknown): string {
  if (value === undefined) return 'it is missing';
  const text = JSON.stringify(value);
  return `got ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}`;
}
