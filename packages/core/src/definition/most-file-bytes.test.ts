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

test('the largest that one parameter takes, in the workflow that is named or in any of its task type', () => {
  const workflows = [
    { ...taking(3, 9), workflow_id: 'a' },
    { ...taking(5), workflow_id: 'b' },
    { ...taking(7), workflow_id: 'c', task_type: 'other' },
  ];
  const most = (use: Parameters<typeof mostFileBytes>[1]) => mostFileBytes(workflows, use);
  expect(most({ task_type: 'upscaler', workflow_id: 'a', parameter: 'f0' })).toBe(3);
  expect(most({ task_type: 'upscaler', parameter: 'f0' })).toBe(5);
  expect(most({ task_type: 'upscaler', workflow_id: 'a', parameter: 'f1' })).toBe(9);
  // of what nobody knows, the submit tells
  for (const use of [{ workflow_id: 'x', parameter: 'f0' }, { workflow_id: 'b', parameter: 'f1' }, { parameter: 'f0' }])
    expect(most(use)).toBe(9);
});
