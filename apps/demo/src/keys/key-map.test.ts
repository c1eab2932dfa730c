import { expect, test } from 'vitest';
import { keyNameOf } from './key-map.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', true>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

test('Ctrl or ⌘ with Enter makes, also while typing; Enter alone does not', () => {
  expect(keyNameOf(press('Enter', { ctrlKey: true }), true, true)).toBe('make');
  expect(keyNameOf(press('Enter', { metaKey: true }), true, false)).toBe('make');
  expect(keyNameOf(press('Enter'), false, true)).toBeUndefined();
});

test('letters do something only outside of fields, and only while they are on', () => {
  expect(keyNameOf(press('U'), false, true)).toBe('upscale');
  expect(keyNameOf(press('u'), true, true)).toBeUndefined();
  expect(keyNameOf(press('u'), false, false)).toBeUndefined();
  expect(keyNameOf(press('Escape'), true, false)).toBe('cancel');
});

test('keys of the browser stay its own', () => {
  expect(keyNameOf(press('d', { ctrlKey: true }), false, true)).toBeUndefined();
  expect(keyNameOf(press('ArrowLeft', { altKey: true }), false, true)).toBeUndefined();
});
