// Programs that pages print compile against the declarations that are published; internal/docs has the rules, and checks them
// against the sources.
import { readPages } from '@heurist/docs/pages';
import { checkPrograms, programsOf } from '@heurist/docs/programs';
import { expect, test } from 'vitest';

test('printed programs compile against the published declarations', () => {
  const programs = [...readPages().values()].flatMap(programsOf);
  expect(programs.length).toBeGreaterThan(15);
  const problems = [...checkPrograms(programs, 'declarations')].filter(([, messages]) => messages.length);
  expect(problems).toEqual([]);
});
