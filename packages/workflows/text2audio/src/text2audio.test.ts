import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { Text2AudioTask } from './index.ts';

const tags = 'lo-fi, piano';

testWorkflow(test, {
  definition: definitions[0]!,
  task: () => new Text2AudioTask({ tags, lyrics: '', lyrics_strength: 0, seconds: 1, cfg: 5, seed: 0 }),
  refused: [
    { name: 'no tags', task: () => new Text2AudioTask({} as never), message: /tags/ },
    { name: 'half a second', task: () => new Text2AudioTask({ tags, seconds: 0.5 }), message: /from 1 to 240/ },
    // @ts-expect-error sound has no width
    { name: 'a width', task: () => new Text2AudioTask({ tags, width: 64 }), message: /unknown option width/ },
  ],
});

test('the output names its sound', () => {
  const output = new Text2AudioTask({ tags }).parseOutput({
    task_id: '1',
    status: 'finished',
    result: 'https://x/a.mp3',
  });
  expect(output.audio.url).toBe('https://x/a.mp3');
});
