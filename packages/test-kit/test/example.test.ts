import { Heurist } from '@heurist/core';
import { UpscalerTask } from '@heurist/upscaler';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enlarge } from '../examples/app.ts';
import { createTestSequencer, type TestSequencer } from '../src/index.ts';

const photo = 'https://example.com/photo.png';
let sequencer: TestSequencer;
beforeEach(async () => {
  sequencer = await createTestSequencer();
});
afterEach(() => sequencer.close());

test('shows the picture', async () => {
  expect(await enlarge(new Heurist(sequencer.options), photo)).toMatch(/^http/);
});

test('says what went wrong', async () => {
  sequencer.on(UpscalerTask).failWith({ code: 'input_unreachable', message: 'The image cannot be fetched.' });
  expect(await enlarge(new Heurist(sequencer.options), photo)).toBe('That did not work: input_unreachable');
});

test('is polite when the network says no', async () => {
  await sequencer.inject('unauthorized');
  expect(await enlarge(new Heurist(sequencer.options), photo)).toBe('That did not work: unauthorized');
});
