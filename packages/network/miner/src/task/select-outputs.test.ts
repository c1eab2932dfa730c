import type { ComfyOutput } from '@heurist/comfyui';
import { MOST_OUTPUTS } from '@heurist/core/protocol';
import { paint } from '@heurist/test-servers/workflows';
import { expect, test } from 'vitest';
import { selectOutputs } from './select-outputs.ts';

const file = (node_id: string, type: 'output' | 'temp', filename = `${node_id}.png`): ComfyOutput => ({
  node_id,
  kind: 'image',
  filename,
  subfolder: '',
  type,
});
const text: ComfyOutput = { node_id: 'say', kind: 'text', text: 'hi' };
const naming = (...outputs: string[]) => ({ ...paint, outputs });

test('what the workflow names, in its order', () => {
  const all = [file('a', 'output'), file('b', 'output', '1'), text, file('b', 'output', '2')];
  expect(selectOutputs(all, naming('b', 'a'))).toEqual({ outputs: [all[1], all[3], all[0]] });
});

test('everything, if it names nothing or is not known', () => {
  const all = [file('a', 'output'), text];
  expect(selectOutputs(all, naming())).toEqual({ outputs: all });
  expect(selectOutputs(all)).toEqual({ outputs: all });
});

test('temporary files only if there is nothing else', () => {
  const [temp, lasting] = [file('a', 'temp'), file('b', 'output')];
  expect(selectOutputs([temp, lasting])).toEqual({ outputs: [lasting] });
  expect(selectOutputs([temp, text])).toEqual({ outputs: [text] });
  expect(selectOutputs([temp])).toEqual({ outputs: [temp] });
});

test.each([
  ['nothing at all', [], naming()],
  ['nothing of what the workflow names', [file('a', 'output')], naming('b')],
])('%s is an error of the task', (_, outputs, definition) => {
  expect(() => selectOutputs(outputs, definition)).toThrow(
    expect.objectContaining({ code: 'no_output', message: expect.stringContaining('no output') }),
  );
});

test('the first of more than a report can name', () => {
  const many = Array.from({ length: MOST_OUTPUTS + 1 }, (_, index) => file('a', 'output', `${index}.png`));
  const first = many.slice(0, -1);
  expect(selectOutputs(first)).toEqual({ outputs: first });
  expect(selectOutputs(many)).toEqual({ outputs: first, truncated: true });
  expect(selectOutputs(many, naming(), 2)).toEqual({ outputs: many.slice(0, 2), truncated: true });
});
