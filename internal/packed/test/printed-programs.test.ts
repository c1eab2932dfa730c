// Programs that pages print compile against the declarations that are published; internal/docs has the rules, and checks them
// against the sources.
import { createOwnWorkflow } from '@heurist/docs/own-workflow';
import { readPages } from '@heurist/docs/pages';
import { checkPrograms, programsOf } from '@heurist/docs/programs';
import { expect, onTestFinished, test } from 'vitest';

test('printed programs compile against the published declarations', async () => {
  const programs = [...readPages().values()].flatMap(programsOf);
  expect(programs.length).toBeGreaterThan(15);
  const own = await createOwnWorkflow();
  onTestFinished(own.remove);
  const checked = checkPrograms(programs, 'declarations', own.packages);
  const problems = [...checked].filter(([, messages]) => messages.length);
  expect(problems).toEqual([]);
});
