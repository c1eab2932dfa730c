import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { loadWorkflows } from '../workflows/load-workflows.ts';
import { definitionEntry } from '../workflows/locate-package.ts';
import { problemOfLooks } from './check-looks.ts';
import { badFile, readTestFile } from './read-test-file.ts';
import type { WorkflowTest } from './test-file-schema.ts';

/** The name of a package's file of tests. */
export const TEST_FILE = 'workflow-tests.json';

/** Tests, each with the workflow that it runs. */
export interface FoundTests {
  /** The file. */
  file: string;
  cases: readonly { test: WorkflowTest; definition: WorkflowDefinition }[];
}

/**
 * Reads the tests of a package.
 *
 * @param target - the folder of a package, or a file of tests within one
 * @param known - workflows that tests may name besides those of the package
 * @throws {CommandError} with exit code 2 if the file cannot be used
 * @throws {HeuristError} if the package cannot be loaded
 */
export async function findTests(target: string, known: readonly WorkflowDefinition[]): Promise<FoundTests> {
  const path = resolve(target);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw badFile(target, 'does not exist. Pass the folder of a package, or a file of tests.');
  const file = found.isDirectory() ? join(path, TEST_FILE) : path;
  if (!existsSync(file)) throw badFile(file, 'does not exist. Write one, or pass the path of a file of tests.');
  const tests = readTestFile(file);
  const folder = packageOf(dirname(file));
  const own = folder ? await loadWorkflows([folder], [], { prefersSource: true }) : [];
  const others = known.filter(({ workflow_id }) => !own.some((one) => one.workflow_id === workflow_id));
  return {
    file,
    cases: tests.map((test, index) => {
      const definition = definitionOf(file, index, test, own, others);
      const problem = problemOfLooks(test, definition);
      if (problem) throw badFile(file, `tests[${index}].${problem}.`);
      return { test, definition };
    }),
  };
}

/** The package that a folder belongs to. */
function packageOf(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && definitionEntry(manifest) !== undefined) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : packageOf(parent);
}

function definitionOf(
  file: string,
  index: number,
  { workflow_id }: WorkflowTest,
  own: readonly WorkflowDefinition[],
  others: readonly WorkflowDefinition[],
): WorkflowDefinition {
  const [first, ...more] = own;
  if (workflow_id === undefined && first && !more.length) return first;
  const found = [...own, ...others].find((one) => one.workflow_id === workflow_id);
  if (found) return found;
  const ids = (own.length ? own : others).map((one) => one.workflow_id).join(', ');
  const problem = workflow_id === undefined ? 'is missing' : `${JSON.stringify(workflow_id)} is not known`;
  throw badFile(file, `tests[${index}].workflow_id ${problem}. Use one of: ${ids}.`);
}
