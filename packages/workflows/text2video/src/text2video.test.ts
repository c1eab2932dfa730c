import { bind } from '@heurist/core/definition';
import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { Text2VideoTask } from './index.ts';

const prompt = 'waves';
const [hunyuan, mochi, wan21Small, wan22Large, wan22Small, ltxv] = definitions;

testWorkflow(test, {
  definition: hunyuan!,
  task: () => new Text2VideoTask({ prompt, width: 640, height: 480, length: 25, fps: 12, guidance: 6, seed: 0 }),
  refused: [
    {
      name: '120 frames',
      task: () => new Text2VideoTask({ prompt, length: 120 }),
      message: /4n\+1 \(got 120\): use 117 or 121/,
    },
    { name: '0 frames', task: () => new Text2VideoTask({ prompt, length: 0 }), message: /from 1 to 257/ },
    // @ts-expect-error the quality of an MP4 is the server's
    { name: 'quality', task: () => new Text2VideoTask({ prompt, quality: 80 }), message: /unknown option quality/ },
  ],
});

testWorkflow(test, {
  definition: mochi!,
  task: () => new Text2VideoTask({ workflow_id: '2', prompt, length: 7, steps: 5, fps: 8, quality: 0, seed: 3 }),
  refused: [
    {
      name: '24 frames',
      task: () => new Text2VideoTask({ workflow_id: '2', prompt, length: 24 }),
      message: /6n\+1 \(got 24\): use 19 or 25/,
    },
  ],
});

testWorkflow(test, {
  definition: wan21Small!,
  task: () => new Text2VideoTask({ workflow_id: 'wan2.1-t2v-1.3b', prompt, length: 5, cfg: 6 }),
  refused: [],
});

testWorkflow(test, {
  definition: wan22Large!,
  task: () => new Text2VideoTask({ workflow_id: 'wan2.2-t2v-14b', prompt, steps: 12, cfg: 3 }),
  refused: [
    {
      name: 'odd steps',
      task: () => new Text2VideoTask({ workflow_id: 'wan2.2-t2v-14b', prompt, steps: 7 }),
      message: /a multiple of 2 \(got 7\): use 6 or 8/,
    },
  ],
});

test('both models of Wan 2.2 get the steps, and half of them each', () => {
  const task = new Text2VideoTask({ workflow_id: 'wan2.2-t2v-14b', prompt, steps: 12 });
  const graph = bind(wan22Large!, task.parameters);
  expect(graph.s_hi?.inputs).toMatchObject({ steps: 12, start_at_step: 0, end_at_step: 6 });
  expect(graph.s_lo?.inputs).toMatchObject({ steps: 12, start_at_step: 6, end_at_step: 10000 });
});

testWorkflow(test, {
  definition: wan22Small!,
  task: () => new Text2VideoTask({ workflow_id: 'wan2.2-t2v-5b', prompt, width: 64, height: 96 }),
  refused: [
    {
      name: 'a multiple of 16',
      task: () => new Text2VideoTask({ workflow_id: 'wan2.2-t2v-5b', prompt, width: 720 }),
      message: /multiple of 32 \(got 720\): use 704 or 736/,
    },
  ],
});

testWorkflow(test, {
  definition: ltxv!,
  task: () => new Text2VideoTask({ workflow_id: 'ltxv-t2v', prompt, length: 9, fps: 12 }),
  refused: [
    {
      name: '4n+1 frames',
      task: () => new Text2VideoTask({ workflow_id: 'ltxv-t2v', prompt, length: 13 }),
      message: /8n\+1 \(got 13\): use 9 or 17/,
    },
  ],
});

test('speaks the wire form of the reference client', () => {
  const task = new Text2VideoTask({
    workflow_id: '2',
    prompt,
    width: 640,
    height: 480,
    length: 37,
    steps: 30,
    seed: 1,
    fps: 24,
    quality: 80,
  });
  expect([task.task_type, task.workflow_id]).toEqual(['txt2vid', '2']);
  expect(task.task_details.parameters).toEqual({
    prompt,
    width: 640,
    height: 480,
    length: 37,
    steps: 30,
    seed: 1,
    fps: 24,
    quality: 80,
  });
  expect(new Text2VideoTask({ prompt }).workflow_id).toBe('1');
});
