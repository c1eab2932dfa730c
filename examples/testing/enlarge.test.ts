// How an app is tested without a network, a GPU or a database: `npm test`.
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { Heurist } from '@heurist/core';
import { createTestSequencer } from '@heurist/test-kit';
import { UpscalerTask } from '@heurist/upscaler';
import { enlarge } from './enlarge.ts';

const sequencer = await createTestSequencer();
const heurist = new Heurist(sequencer.options);
const photo = 'https://example.com/photo.jpg';
afterEach(() => sequencer.reset());
after(() => sequencer.close());

test('the user gets the picture', async () => {
  sequencer.on(UpscalerTask).finishWith({ bytes: 'a picture', content_type: 'image/png' });
  const answer = await enlarge(heurist, photo);
  assert.ok('url' in answer);
  assert.equal(await (await fetch(answer.url)).text(), 'a picture');
  assert.deepEqual(sequencer.tasks[0]?.submitted.parameters, { image: photo });
});

test('a picture that cannot be read: the user is asked for another one', async () => {
  sequencer.on(UpscalerTask).failWith('input_unreachable');
  assert.deepEqual(await enlarge(heurist, photo), {
    sentence: 'We cannot open this picture. Please send another one.',
  });
});

test('a network that is slow, away or full: the user is asked to come back', async () => {
  for (const fault of ['slow', 'refused', 'full'] as const) {
    const injection = await sequencer.inject(fault);
    assert.deepEqual(await enlarge(heurist, photo, { timeout: 300 }), {
      sentence: 'That takes longer than usual. Please try again in a few minutes.',
    });
    await injection.stop();
  }
});

test("a wrong key is our mistake, not the user's", async () => {
  await sequencer.inject('unauthorized');
  assert.deepEqual(await enlarge(heurist, photo), { sentence: 'That did not work. We have been told.' });
});

test('the progress of a task is shown, and the user can cancel it', async () => {
  sequencer.on(UpscalerTask).run({ percent: 40 });
  const cancel = new AbortController();
  const onProgress = ({ progress }: { progress?: { percent: number } }) => progress?.percent === 40 && cancel.abort();
  assert.deepEqual(await enlarge(heurist, photo, { signal: cancel.signal, onProgress }), { sentence: 'Canceled.' });
});
