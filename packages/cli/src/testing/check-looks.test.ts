import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import { problemOfLooks } from './check-looks.ts';
import { findTests } from './find-tests.ts';

const making = (...classes: string[]) => ({
  graph: Object.fromEntries(classes.map((class_type, index) => [index, { class_type, inputs: {} }])),
  outputs: classes.map((_, index) => `${index}`),
});
const blank = { expect: { not_blank: true } } as const;

test.each([
  [
    ['SaveVideo'],
    'expect.not_blank looks at pictures (png, jpeg, webp, gif, avif, svg); the workflow makes video (0, SaveVideo)',
  ],
  [['SaveAudioMP3', 'PreviewAny'], expect.stringContaining('makes audio (0, SaveAudioMP3), text (1, PreviewAny)')],
  [['SaveVideo', 'SaveImage'], undefined],
  [['VHS_VideoCombine'], undefined],
  [['SaveAnimatedWEBP'], undefined],
])('a picture of what %j make', (classes, problem) => {
  expect(problemOfLooks(blank, making(...classes))).toEqual(problem);
  expect(problemOfLooks({ expect: { count: 1 } }, making(...classes))).toBeUndefined();
});

test('it is said when the file of tests is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'looks-'));
  const file = join(folder, 'tests.json');
  writeFileSync(file, JSON.stringify({ tests: [{ name: 'a', workflow_id: 'film', ...blank }] }));
  const film = { workflow_id: 'film', ...making('SaveVideo') } as Partial<WorkflowDefinition> as WorkflowDefinition;
  await expect(findTests(file, [film])).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('tests[0].expect.not_blank looks at pictures'),
  });
  rmSync(folder, { recursive: true });
});
