import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BindingSource, Graph } from '@heurist/core/definition';
import { findParameters } from '@heurist/graph-plan/find-parameters';
import { planWorkflow } from '@heurist/graph-plan/plan-workflow';
import { printCode } from '@heurist/graph-plan/print-code';
import { savedPath } from '@heurist/test-servers/recordings';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGraph } from '../src/authoring/read-graph.ts';
import { workflows } from '../src/workflows/workflows.ts';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'workflow-'));
const write = (name: string, content: unknown) => {
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(cwd, name);
};
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** A graph for the CPU engine, as a person might export it. */
const poster: Graph = {
  '3': { class_type: 'LoadImage', inputs: { image: 'photo.png' }, _meta: { title: 'Photo' } },
  '7': {
    class_type: 'ImageScale',
    inputs: { image: ['3', 0], upscale_method: 'lanczos', width: 96, height: 64, crop: 'center' },
  },
  '8': { class_type: 'ImageBlur', inputs: { image: ['7', 0], blur_radius: 6, sigma: 3 } },
  '9': {
    class_type: 'ImageBlend',
    inputs: { image1: ['7', 0], image2: ['8', 0], blend_factor: 0.4, blend_mode: 'screen' },
  },
  '10': { class_type: 'SaveImage', inputs: { images: ['9', 0], filename_prefix: 'poster' } },
  '11': { class_type: 'PreviewImage', inputs: { images: ['8', 0] } },
};

describe('large graphs', () => {
  const chain = (count: number): Graph => ({
    n0: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
    ...Object.fromEntries(
      Array.from({ length: count - 1 }, (_, index) => [
        `n${index + 1}`,
        { class_type: 'ImageInvert', inputs: { image: [`n${index}`, 0] } },
      ]),
    ),
    save: { class_type: 'SaveImage', inputs: { images: [`n${count - 1}`, 0], filename_prefix: 'x' } },
  });

  test.each<[what: string, graph: unknown, reason: string]>([
    ['10,000 nodes in a row', chain(10_000), 'more than 950 nodes depend on each other'],
    ['951 in a row', chain(950), "more than 950 nodes depend on each other in a row: split the graph. (Node ID '#"],
    [
      'deep lists',
      `{"a":{"class_type":"X","inputs":{"y":${'['.repeat(9999)}${']'.repeat(9999)}}}}`,
      'nested more than',
    ],
  ])('%s: one clear line', async (_, graph, reason) => {
    const path = write('large.json', graph);
    await expect(readGraph(path)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(readGraph(path)).rejects.toThrow(reason);
  });

  test('949 nodes in a row are planned', async () => {
    const graph = await readGraph(write('long.json', chain(949)));
    expect(Object.keys(planWorkflow('long', graph, []).graph)).toHaveLength(950);
  });
});

describe('finds what the packages of this repository bind by hand', () => {
  // bound by a rule, or chosen by taste
  const special = ['aspect_ratio', 'noise_seed', 'mask_channel', 'quality', 'scale', 'lora_name', 'batch_size'];
  const names = (bindings: readonly BindingSource[]) =>
    bindings.map((binding) => (typeof binding === 'string' ? binding : `${binding.node}.${binding.input}`)).toSorted();

  test.each(workflows)('$workflow_id', ({ graph, bindings }) => {
    const found = Object.fromEntries(findParameters(graph).map((one) => [one.name, one.bindings]));
    for (const [name, targets] of Object.entries(bindings).filter(([name]) => !special.includes(name)))
      expect([name, names(found[name] ?? [])]).toEqual([name, names(targets)]);
  });
});

describe('follows links', () => {
  const sampler = (positive: unknown, negative: unknown, more = {}) => ({
    class_type: 'KSampler',
    inputs: {
      model: ['m', 0],
      positive,
      negative,
      latent_image: ['l', 0],
      seed: 1,
      steps: 20,
      cfg: 7,
      denoise: 1,
      ...more,
    },
  });
  const encode = (text: unknown) => ({ class_type: 'CLIPTextEncode', inputs: { text, clip: ['m', 1] } });
  const rest = (samples = 's'): Graph => ({
    m: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
    l: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
    d: { class_type: 'VAEDecode', inputs: { samples: [samples, 0], vae: ['m', 2] } },
    save: { class_type: 'SaveImage', inputs: { images: ['d', 0], filename_prefix: 'x' } },
  });
  const bindingsOf = (graph: Graph) => Object.fromEntries(findParameters(graph).map((one) => [one.name, one.bindings]));

  test('through nodes that change both sides, to the right one', () => {
    const graph: Graph = {
      ...rest(),
      a: encode('sea'),
      b: encode('fog'),
      net: { class_type: 'ControlNetApplyAdvanced', inputs: { positive: ['a', 0], negative: ['b', 0], strength: 0.8 } },
      s: sampler(['net', 0], ['net', 1]),
    };
    expect(bindingsOf(graph)).toMatchObject({
      prompt: ['a.text'],
      negative_prompt: ['b.text'],
      strength: ['net.strength'],
    });
  });

  test('to a node that only holds the text or the number', () => {
    const graph: Graph = {
      ...rest(),
      text: { class_type: 'PrimitiveString', inputs: { value: 'sea' } },
      number: { class_type: 'PrimitiveInt', inputs: { value: 5 } },
      a: encode(['text', 0]),
      b: encode(''),
      s: sampler(['a', 0], ['b', 0], { seed: ['number', 0] }),
    };
    expect(bindingsOf(graph)).toMatchObject({
      prompt: ['text.value'],
      negative_prompt: ['b.text'],
      seed: ['number.value'],
    });
  });

  test('to the first text of those that a node joins, and to the texts of a loader', () => {
    const joined: Graph = {
      ...rest(),
      join: { class_type: 'StringConcatenate', inputs: { string_a: 'sea', string_b: 'at dawn', delimiter: ', ' } },
      a: encode(['join', 0]),
      b: encode('fog'),
      s: sampler(['a', 0], ['b', 0]),
    };
    expect(bindingsOf(joined)).toMatchObject({ prompt: ['join.string_a'], negative_prompt: ['b.text'] });
    const loader: Graph = {
      load: {
        class_type: 'Efficient Loader',
        inputs: { ckpt_name: 'a.safetensors', positive: 'sea', negative: 'fog' },
      },
      s: sampler(['load', 1], ['load', 2]),
      save: { class_type: 'SaveImage', inputs: { images: ['s', 5], filename_prefix: 'x' } },
    };
    expect(bindingsOf(loader)).toMatchObject({ prompt: ['load.positive'], negative_prompt: ['load.negative'] });
  });

  test('from savers that only their name tells', () => {
    const graph: Graph = {
      image: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
      join: { class_type: 'ImageCombine', inputs: { image: ['image', 0] } },
      out: { class_type: 'Image Saver', inputs: { images: ['join', 0] } },
      look: { class_type: 'PreviewImage', inputs: { images: ['image', 0] } },
    };
    expect(planWorkflow('x', graph, [])).toMatchObject({ outputs: ['out'], dropped: ['PreviewImage'], makes: 'image' });
  });

  test('a prompt that is zeroed for the other side has no negative', () => {
    const graph: Graph = {
      ...rest(),
      a: encode('sea'),
      zero: { class_type: 'ConditioningZeroOut', inputs: { conditioning: ['a', 0] } },
      s: sampler(['a', 0], ['zero', 0]),
    };
    expect(Object.keys(bindingsOf(graph))).not.toContain('negative_prompt');
  });

  test('a second pass with other settings gets numbers, the same settings are one', () => {
    const graph: Graph = {
      ...rest('s2'),
      a: encode('sea'),
      b: encode('fog'),
      s: sampler(['a', 0], ['b', 0]),
      s2: sampler(['a', 0], ['b', 0], { latent_image: ['s', 0], steps: 10, denoise: 0.5, seed: 2 }),
    };
    expect(bindingsOf(graph)).toMatchObject({
      prompt: ['a.text'],
      seed: ['s.seed', 's2.seed'],
      steps: ['s.steps'],
      steps_2: ['s2.steps'],
      cfg: ['s.cfg', 's2.cfg'],
      denoise: ['s2.denoise'],
    });
  });

  test('to nodes that take their prompt themselves, where there is no sampler', () => {
    const graph: Graph = {
      embed: {
        class_type: 'VideoTextEncode',
        inputs: { positive_prompt: 'sea', negative_prompt: 'fog', t5: ['m', 0] },
      },
      save: { class_type: 'SaveVideo', inputs: { video: ['embed', 0], filename_prefix: 'x' } },
    };
    expect(bindingsOf(graph)).toEqual({
      prompt: ['embed.positive_prompt'],
      negative_prompt: ['embed.negative_prompt'],
    });
  });

  test('a cycle of them ends', () => {
    const graph: Graph = {
      ...rest(),
      x: { class_type: 'PrimitiveString', inputs: { value: ['y', 0] } },
      y: { class_type: 'PrimitiveString', inputs: { value: ['x', 0] } },
      a: encode(['x', 0]),
      s: sampler(['a', 0], ['a', 0]),
    };
    expect(bindingsOf(graph)).not.toHaveProperty('prompt');
  });

  test('nodes that lead to no output do not count', () => {
    const graph: Graph = {
      ...rest(),
      a: encode('sea'),
      b: encode('fog'),
      s: sampler(['a', 0], ['b', 0]),
      c: encode('idle'),
    };
    const plan = planWorkflow('x', graph, []);
    expect(plan.dropped).toEqual(['CLIPTextEncode']);
    expect(JSON.stringify(plan.parameters)).not.toContain('c.text');
  });
});

describe('sources', () => {
  test('an API export, and what is posted to ComfyUI', async () => {
    expect(await readGraph(write('api.json', poster))).toEqual(poster);
    expect(await readGraph(write('body.json', { prompt: poster, client_id: 'x' }))).toEqual(poster);
  });

  test('seeds that JSON cannot hold are brought to the largest that it can', async () => {
    const path = write(
      'seed.json',
      '{"1":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"noise_seed":7}}}',
    );
    expect((await readGraph(path))['1']?.inputs).toEqual({ seed: Number.MAX_SAFE_INTEGER, noise_seed: 7 });
  });

  test.each(['upscaler.png', 'icon.webp'])('%s, made by ComfyUI', async (name) => {
    const graph = await readGraph(savedPath(name));
    expect(Object.values(graph).some(({ class_type }) => /^Save/.test(class_type))).toBe(true);
  });

  const plain = sharp({ create: { width: 4, height: 4, channels: 3, background: '#fff' } });
  beforeAll(async () => {
    writeFileSync(join(cwd, 'plain.png'), await plain.clone().png().toBuffer());
    writeFileSync(join(cwd, 'plain.webp'), await plain.clone().webp().toBuffer());
    writeFileSync(join(cwd, 'cut.png'), (await plain.clone().png().toBuffer()).subarray(0, 40));
    write('ui.json', {
      nodes: [{ id: 1, type: 'Sparkle', outputs: [{ links: [1] }], properties: { cnr_id: 'sparkle-pack' } }],
      links: [],
    });
    write('ui-damaged.json', { nodes: [{ id: 1 }], links: [] });
    write('list.json', [1]);
    write('empty.json', {});
    write('text.json', 'hello');
    write('half.json', { '1': { class_type: 'SaveImage' } });
    write('broken.json', { '1': { class_type: 'SaveImage', inputs: { images: ['9', 0], filename_prefix: 'x' } } });
    write('nothing-saved.json', { '1': { class_type: 'EmptyImage', inputs: {} } });
    mkdirSync(join(cwd, 'full'));
    write('full/file', 'x');
  });

  test.each([
    ['ui.json', /not known here: Sparkle \(node 1\)\. Pass --comfyui .* that has the node pack sparkle-pack/],
    ['ui-damaged.json', /damaged at nodes\.0\.type.*Save it again/],
    ['plain.png', /contains no graph.*Export \(API\)/],
    ['plain.webp', /contains no graph/],
    ['cut.png', /contains no graph/],
    ['list.json', /contains no graph/],
    ['empty.json', /empty graph/],
    ['text.json', /neither JSON \(.*\) nor a picture, film, sound or latent/],
    ['half.json', /node "1" has no class_type or no inputs/],
    ['broken.json', /images of node 1 \(SaveImage\) to node 9.*export it again/],
    ['nothing-saved.json', /no output node.*SaveImage/],
    ['absent.json', /ENOENT.*path/],
  ])('%s is refused with the way out, and nothing is written', async (name, message) => {
    const { code, stderr } = await runCli(['workflow', 'create', name, '--name', 'no-flow'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(cwd)).not.toContain('no-flow');
  });

  test.each([
    [['--name', 'My Flow'], /not a valid package name.*my-flow/],
    [['--name', '../x'], /not a valid package name/],
    [['--name', 'sdxl'], /already exists.*another name/],
    [['--name', 'new-flow', '--out', 'full'], /not empty.*--out/],
  ])('%j is refused', async (args, message) => {
    write('api.json', poster);
    const { code, stderr } = await runCli(['workflow', 'create', 'api.json', ...args], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});

test('create says what it chose, and writes a package', async () => {
  write('api.json', poster);
  const { code, stdout } = await runCli(['workflow', 'create', 'api.json', '--name', 'poster'], { cwd });
  expect(code).toBe(0);
  expect(stdout.replaceAll(cwd, '.')).toMatchInlineSnapshot(`
    "./poster
    Task type poster, makes an image at 10 (SaveImage).
    Options:
      image_url          3.image (LoadImage); required
      width              7.width (ImageScale); default 96
      height             7.height (ImageScale); default 64
      blur_radius        8.blur_radius (ImageBlur); default 6
      sigma              8.sigma (ImageBlur); default 3
      blend_factor       9.blend_factor (ImageBlend); default 0.4
    Dropped, because no saved output depends on them: PreviewImage.
    Fixed to the graph's values: 7.upscale_method, 7.crop, 9.blend_mode.

    Next:
      cd ./poster && npm install && npm run build && npm test
      npm run test:workflow
      npx @heurist/dev --workflow ./poster
    "
  `);
  expect(readdirSync(join(cwd, 'poster/src')).toSorted()).toEqual([
    'definition.ts',
    'index.ts',
    'poster-options.ts',
    'poster-task.ts',
    'poster.api.json',
    'poster.test.ts',
  ]);
  expect(readFileSync(join(cwd, 'poster/src/poster-options.ts'), 'utf8')).toMatchInlineSnapshot(`
    "import { decimal, image, optional, options, size, whole } from '@heurist/core/parameters';
    import type * as z from 'zod/mini';

    type OwnShape = {
      /** Value of \`8.blur_radius\` in the graph. */
      blur_radius: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
      /** Value of \`8.sigma\` in the graph. */
      sigma: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
      /** Value of \`9.blend_factor\` in the graph. */
      blend_factor: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
    };
    const own: OwnShape = {
      blur_radius: optional(whole({ min: 1, max: 31 })),
      sigma: optional(decimal({ min: 0.1, max: 10 })),
      blend_factor: optional(decimal({ min: 0, max: 1 })),
    };

    /** Options of the task. The graph has the defaults. */
    export const posterOptions = options(image(), size(1, 2048), own);
    "
  `);
  expect(readFileSync(join(cwd, 'poster/README.md'), 'utf8')).toContain('| `image_url` ');
});

test('code is printed so that it means the same', () => {
  const value = {
    a: "it's",
    'b-c': ['x\n"y"', 1, null, true],
    deep: { list: Array.from({ length: 9 }, (_, i) => `item ${i} of many`) },
  };
  // biome-ignore lint/security/noGlobalEval: what the code means is the question
  expect(eval(`(${printCode(value, 0)})`)).toEqual(value);
});
