import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import { image, options, text } from '@heurist/core/parameters';
import { expect, test } from 'vitest';
import { parameterOptions } from '../src/program/parameter-options.ts';
import { OPTIONS_MARKS, table, withOptions } from '../src/workflows/options-table.ts';

const definition = defineWorkflow({
  workflow_id: 'lookup',
  task_type: 'lookup',
  title: 'Lookup',
  parameters: wireSchema(options(image(), { base_url: text('where to look') })),
  graph: { a: { class_type: 'A', inputs: { image: 'x', base: 'x' } } },
  bindings: { image: 'a.image', base_url: 'a.base' },
  files: { image: { kind: 'image', max_bytes: 1 } },
  outputs: ['a'],
});

test('a table has a file as `<name>_url`, and another option that ends so by its own name', () => {
  const names = withOptions(OPTIONS_MARKS, [definition]).match(/^\| `\w+`/gm);
  expect(names).toEqual(['| `image_url`', '| `base_url`']);
});

test('a cell of several lines is one row', () => {
  const rows = table([['default'], ['a sea |\n\r\n  at night\u2028']]).split('\n');
  expect(rows).toEqual([expect.any(String), expect.any(String), '| a sea \\| at night  |']);
});

test('flags have the names of the wire', () => {
  expect(parameterOptions(definition).map(({ flags }) => flags)).toEqual([
    '--image <path or URL>',
    '--base_url <string>',
  ]);
});
