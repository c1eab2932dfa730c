import { expect, test } from 'vitest';
import { mostFileBytes } from './most-file-bytes.ts';
import { RAW_FILE_BYTES, rawWorkflow } from './raw-workflow.ts';
import type { FileParameter, WorkflowDefinition } from './workflow-definition.ts';

const taking = (...sizes: number[]): WorkflowDefinition => ({
  ...rawWorkflow,
  task_type: 'upscaler',
  files: Object.fromEntries(
    sizes.map((max_bytes, index) => [`f${index}`, { kind: 'image', max_bytes } as FileParameter]),
  ),
});

test('the largest file that any option of any workflow takes', () => {
  expect(mostFileBytes([taking(3, 9), taking(), taking(5)])).toBe(9);
  expect(mostFileBytes([taking(3), rawWorkflow])).toBe(RAW_FILE_BYTES);
  expect(mostFileBytes([taking()])).toBeUndefined();
});
