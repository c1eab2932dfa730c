import { expect, test } from 'vitest';
import { modelFolder } from './model-folders.ts';

test.each([
  ['CheckpointLoaderSimple', 'ckpt_name', 'checkpoints'],
  ['CLIPLoader', 'clip_name', 'text_encoders'],
  ['CLIPVisionLoader', 'clip_name', 'clip_vision'],
  ['Odd', 'toString', undefined],
  ['Odd', 'constructor', undefined],
  ['Odd', '__proto__', undefined],
])('%s.%s: %s', (class_type, input, folder) => {
  expect(modelFolder(class_type, input)).toBe(folder);
});
