import { bind, describeParameters } from '@heurist/core/definition';
import { testWorkflow } from '@heurist/core/testing';
import { expect, test } from 'vitest';
import { definitions } from './definition.ts';
import { FluxLoraTask } from './index.ts';

const [definition] = definitions;
const least = { prompt: 'a gecko', lora_name: 'gecko' };
const graphOf = (task: FluxLoraTask) => bind(definition!, task.parameters);

testWorkflow(test, {
  definition: definition!,
  task: () =>
    new FluxLoraTask({ ...least, width: 512, height: 768, guidance: 0, steps: 8, strength_model: 0, seed: 0 }),
  refused: [
    { name: 'no LoRA', task: () => new FluxLoraTask({ prompt: 'x' } as never), message: /lora_name/ },
    {
      name: 'an empty LoRA',
      task: () => new FluxLoraTask({ ...least, lora_name: '' }),
      message: /`lora_name` must not be empty/,
    },
    { name: 'two seeds', task: () => new FluxLoraTask({ ...least, seed: 1, noise_seed: 2 }), message: /one of them/ },
    {
      name: 'a ratio beside a size',
      task: () => new FluxLoraTask({ ...least, aspect_ratio: '16:9', width: 512 }),
      message: /`aspect_ratio` sets width and height/,
    },
    { name: 'an odd ratio', task: () => new FluxLoraTask({ ...least, aspect_ratio: '2:1' as never }), message: /16:9/ },
    {
      name: 'the width of another model',
      task: () => new FluxLoraTask({ ...least, width: 680 }),
      message: /672 or 688/,
    },
  ],
});

test('speaks the wire form of the reference client, as workflow 3', () => {
  const task = new FluxLoraTask({ ...least, aspect_ratio: 'custom', width: 512, height: 512, guidance: 3, steps: 8 });
  expect([task.task_type, task.workflow_id]).toEqual(['txt2img', '3']);
  expect(task.task_details.parameters).toEqual({
    ...least,
    aspect_ratio: 'custom',
    width: 512,
    height: 512,
    guidance: 3,
    steps: 8,
  });
});

test('the name of a LoRA gets its ending, once', () => {
  expect(graphOf(new FluxLoraTask(least)).lora?.inputs.lora_name).toBe('gecko.safetensors');
  const whole = new FluxLoraTask({ ...least, lora_name: 'style/gecko.safetensors' });
  expect(graphOf(whole).lora?.inputs.lora_name).toBe('style/gecko.safetensors');
});

test('a ratio sets the size of latent and shift; custom leaves it to width and height', () => {
  const wide = graphOf(new FluxLoraTask({ ...least, aspect_ratio: '16:9' }));
  for (const node of [wide.latent, wide.shift]) expect(node?.inputs).toMatchObject({ width: 1344, height: 768 });
  const custom = graphOf(new FluxLoraTask({ ...least, aspect_ratio: 'custom', width: 512 }));
  for (const node of [custom.latent, custom.shift]) expect(node?.inputs).toMatchObject({ width: 512, height: 1024 });
});

test('guidance and either seed reach their nodes, and the seed is told', () => {
  const task = new FluxLoraTask({ ...least, guidance: 2, noise_seed: 0 });
  expect(graphOf(task).text?.inputs.guidance).toBe(2);
  expect(graphOf(task).noise?.inputs.noise_seed).toBe(0);
  const result = {
    task_id: '1',
    status: 'finished' as const,
    result: 'https://x/y.png',
    parameters: { noise_seed: 0 },
  };
  expect(task.parseOutput(result)).toMatchObject({ seed: 0, image: { url: 'https://x/y.png' } });
});

test.each([
  ['16:9 landscape 1344x768', 1344, 768],
  ['9:21 portrait 640x1536', 640, 1536],
  ['1:1 square 1024x1024', 1024, 1024],
  ['4x3', 1152, 896],
])('the spelling %j of a ratio is taken, as apps of heurist@0.0.43 send it', (aspect_ratio, width, height) => {
  const { latent, shift } = graphOf(new FluxLoraTask({ ...least, aspect_ratio }));
  for (const node of [latent, shift]) expect(node?.inputs).toMatchObject({ width, height });
  // on the wire too
  expect(definition!.parameters.safeParse({ ...least, aspect_ratio }).success).toBe(true);
});

test('tables and forms list each ratio once', () => {
  const { enum: listed } = describeParameters(definition!).properties.aspect_ratio!;
  expect(listed).toEqual(['1:1', '3:4', '5:8', '9:16', '9:21', '4:3', '3:2', '16:9', '21:9', 'custom']);
});
