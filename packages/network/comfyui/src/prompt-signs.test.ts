import { FakeClock } from '@heurist/server-kit/fake-clock';
import { expect, test } from 'vitest';
import { PromptSigns } from './prompt-signs.ts';

test('what a listener throws ends neither the run nor the process', () => {
  const heard: string[] = [];
  const broken = (what: string) => () => {
    heard.push(what);
    throw new Error('bug');
  };
  const listeners = { onProgress: broken('progress'), onPreview: broken('preview') };
  const graph = { a: { class_type: 'KSampler', inputs: {} } };
  const signs = new PromptSigns('p', graph, listeners, new FakeClock());
  signs.receiveMessage({ type: 'progress', data: { prompt_id: 'p', node: 'a', value: 1, max: 2 } });
  signs.receivePreview({ bytes: new Uint8Array(), contentType: 'image/jpeg', prompt_id: 'p' });
  signs.receiveMessage({ type: 'executing', data: { prompt_id: 'p', node: null } });
  expect([new Set(heard), signs.hasEnded]).toEqual([new Set(['progress', 'preview']), true]);
});
