import { expect, test } from 'vitest';
import type { FamilyInfo } from '../../shared/api.ts';
import { PROGRAMS, writeProgram } from './index.ts';
import { withFiles } from './program-files.ts';
import type { ProgramStep } from './program-step.ts';

const workflow = {
  workflow_id: 'w',
  title: '',
  options: {},
  required: [],
  files: { image_url: 'image', mask_url: 'mask' },
};
const info: FamilyInfo = {
  name: 'inpaint',
  title: '',
  package: '@heurist/inpaint',
  task: 'InpaintTask',
  task_type: 'inpaint',
  makes: 'image',
  workflows: [workflow],
};
const step = (task_id: string, options: ProgramStep['options']): ProgramStep => ({
  task_id,
  info,
  family: 'inpaint',
  workflow_id: 'w',
  options,
});
const file = (url: string, name: string) => ({ url, name });
const namesOf = (steps: ProgramStep[]) => withFiles(steps).files.map(({ name }) => name);

test('two masks get names of their own, and the same file has one', () => {
  const steps = [
    step('a', { image_url: file('http://n/photo', 'photo.png'), mask_url: file('http://n/1', 'mask.png') }),
    step('b', { image_url: { task_id: 'a', output: 0 }, mask_url: file('http://n/2', 'mask.png') }),
    step('c', { image_url: file('http://n/photo', 'photo.png'), mask_url: file('http://n/1', 'mask.png') }),
  ];
  expect(namesOf(steps)).toEqual(['photo.png', 'mask.png', 'mask-2.png']);
  const { text, files } = writeProgram('typescript', steps, 'http://127.0.0.1:1');
  for (const { name } of files) expect(text).toContain(`uploadFile('${name}')`);
  expect(files[0]?.href).toBe(`/api/files?url=${encodeURIComponent('http://n/photo')}`);
});

test('an output of a task that the program does not run is a file', () => {
  const steps = [step('a', { image_url: { task_id: 'elsewhere-1234', output: 1 }, prompt: 'x' })];
  const { text, files } = writeProgram('typescript', steps, 'http://127.0.0.1:1');
  expect(files).toEqual([
    { name: 'result-elsewher.png', href: '/api/tasks/elsewhere-1234/outputs/1?download=result-elsewher.png' },
  ]);
  expect(text).toContain("uploadFile('result-elsewher.png')");
});

test('what the program writes does not replace what it reads', () => {
  expect(namesOf([step('a', { image_url: file('x', 'inpaint.png') })])).toEqual(['inpaint-2.png']);
});

test.each(['a/b\\c.png', 'two\nlines.png', 'two\u2028lines.png'])(
  'a name that cannot be one is changed: %j',
  (name) => {
    expect(namesOf([step('a', { image_url: file('x', name) })])[0]).toMatch(/^[\w.]+$/);
  },
);

test('every program says which files it reads', () => {
  const steps = [step('a', { mask_url: file('x', 'mask.png') })];
  for (const { write } of Object.values(PROGRAMS)) expect(write(steps, 'http://n')).toContain('reads mask.png');
  for (const { write } of Object.values(PROGRAMS)) expect(write([step('a', {})], 'http://n')).not.toContain('reads');
});
