import { expect, test } from 'vitest';
import type { FamilyInfo } from '../../shared/api.ts';
import type { ProgramStep } from './program-step.ts';
import { writeTypeScript } from './typescript.ts';

const url = 'http://127.0.0.1:8787';
const writeProgram = (steps: ProgramStep[]) => writeTypeScript(steps, url);

const info = (name: string, task: string, graphs = 1, makes: FamilyInfo['makes'] = 'image'): FamilyInfo => ({
  name,
  task,
  makes,
  package: `@heurist/${name}`,
  task_type: name,
  title: name,
  workflows: Array.from({ length: graphs }, (_, index) => ({
    workflow_id: `graph-${index}`,
    title: '',
    options: {},
    required: [],
    files: { image_url: 'image', mask_url: 'mask' },
  })),
});
const step = (
  task_id: string,
  family: FamilyInfo,
  options: ProgramStep['options'],
  workflow_id = 'graph-0',
): ProgramStep => ({
  task_id,
  info: family,
  family: family.name,
  workflow_id,
  options,
});
const drawing = info('text2image', 'Text2ImageTask', 2);

test('one task: the graph is named if there are several, and zero is not left out', () => {
  expect(
    writeProgram([step('a', drawing, { prompt: 'a fox', seed: 0 }, 'tiny')]),
  ).toBe(`// npm install @heurist/core @heurist/text2image
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { Text2ImageTask } from '@heurist/text2image';

// your key is in HEURIST_API_KEY
const heurist = new Heurist({ workflowURL: 'http://127.0.0.1:8787' });
const result = await heurist.workflow.run(new Text2ImageTask({
  workflow_id: 'tiny',
  prompt: 'a fox',
  seed: 0,
}));
console.log(await saveOutput(result.image, 'text2image.png'));
`);
});

test('a chain: later tasks take outputs of earlier ones', () => {
  const upscaler = info('upscaler', 'UpscalerTask');
  const program = writeProgram([
    step('a', drawing, { prompt: 'x', batch_size: 4 }),
    step('b', upscaler, { image_url: { task_id: 'a', output: 2 } }),
    step('c', upscaler, { image_url: { task_id: 'b', output: 0 }, scale: 2 }),
  ]);
  expect(program).toContain('image_url: first.outputs[2]!.url');
  expect(program).toContain('image_url: step2.image.url');
  expect(program.match(/import \{ UpscalerTask/g)).toHaveLength(1);
});

test('files are uploaded, and sound gets a longer timeout', () => {
  const inpaint = info('inpaint', 'InpaintTask');
  const given = {
    image_url: { url: 'http://x', name: 'my photo.png' },
    mask_url: { url: 'http://y', name: 'mask.png' },
  };
  const program = writeProgram([step('a', inpaint, given)]);
  expect(program).toContain("const resultImage = await heurist.workflow.uploadFile('my photo.png');");
  expect(program).toMatch(/image_url: resultImage,\s+mask_url: resultMask/);
  const song = info('text2audio', 'Text2AudioTask', 1, 'audio');
  expect(writeProgram([step('a', song, { tags: 'lo-fi' })])).toContain('{ timeout: 3_600_000 }');
});

test.each(["it's", 'a "quoted" word', 'back\\slash', 'two\nlines', '$' + '{x} `y`', 'émoji 🍎'])(
  'text is quoted exactly: %j',
  (prompt) => {
    const program = writeProgram([step('a', info('text2image', 'Text2ImageTask'), { prompt })]);
    const [, literal] = /prompt: ('.*') \}/.exec(program)!;
    expect(new Function(`return ${literal}`)()).toBe(prompt);
  },
);

test('a key crosses a network unencrypted only if the program says so', () => {
  const steps = [step('a', drawing, { prompt: 'x' })];
  for (const local of ['http://localhost:1', 'http://127.0.0.9:1', 'http://[::1]:1', 'https://tasks.example.com'])
    expect(writeTypeScript(steps, local)).not.toContain('allowInsecureHttp');
  expect(writeTypeScript(steps, 'http://192.168.1.10:8787')).toContain('allowInsecureHttp: true');
});
