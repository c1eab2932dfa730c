import { expect, test } from 'vitest';
import { RATIOS, sizeOf } from './shapes.ts';

const side = { minimum: 64, maximum: 2048, multipleOf: 8, default: 1024 };

test.each([
  ['1:1', side, { width: 1024, height: 1024 }],
  ['16:9', side, { width: 1368, height: 768 }],
  ['9:16', side, { width: 768, height: 1368 }],
  ['16:9', { ...side, maximum: 1280 }, { width: 1280, height: 768 }],
  ['16:9', { ...side, minimum: 800 }, { width: 1368, height: 800 }],
  ['3:2', { ...side, multipleOf: 64 }, { width: 1280, height: 832 }],
])('%s with %j', (ratio, rule, size) => {
  expect(sizeOf(RATIOS[ratio]!, rule, rule)).toEqual(size);
});
