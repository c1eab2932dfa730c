import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Heurist } from '@heurist/core';
import { createTestSequencer, type TestSequencer } from '@heurist/test-kit';
import { UpscalerTask } from '@heurist/upscaler';
import { enlarge } from './app.ts';

const photo = 'https://example.com/photo.png';
let sequencer: TestSequencer;
beforeEach(async () => {
  sequencer = await createTestSequencer();
});
afterEach(() => sequencer.close());

test('shows the picture', async () => {
  assert.match(await enlarge(new Heurist(sequencer.options), photo), /^http/);
});

test('says what went wrong', async () => {
  sequencer.on(UpscalerTask).failWith({ code: 'input_unreachable', message: 'The image cannot be fetched.' });
  assert.equal(await enlarge(new Heurist(sequencer.options), photo), 'That did not work: input_unreachable');
});

test('is polite when the network says no', async () => {
  await sequencer.inject('unauthorized');
  assert.equal(await enlarge(new Heurist(sequencer.options), photo), 'That did not work: unauthorized');
});
