import type { Graph } from '@heurist/core/definition';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { recordedShapes } from '@heurist/ui-graph/recorded-shapes';
import { describe, expect, test } from 'vitest';
import { findPlan } from '../src/find-plan.ts';
import { placeName } from '../src/graph-walk.ts';

const shapes = await recordedShapes();
const node = (class_type: string, inputs: Record<string, unknown>, title?: string) => ({
  class_type,
  inputs,
  ...(title && { _meta: { title } }),
});

/** A picture of a text. */
const picture = (text: unknown, more: Graph = {}): Graph => ({
  model: node('CheckpointLoaderSimple', { ckpt_name: 'a.safetensors' }),
  size: node('EmptyLatentImage', { width: 1024, height: 1024, batch_size: 1 }),
  yes: node('CLIPTextEncode', { text, clip: ['model', 1] }),
  no: node('CLIPTextEncode', { text: 'blurry', clip: ['model', 1] }),
  sampler: node('KSampler', {
    model: ['model', 0],
    positive: ['yes', 0],
    negative: ['no', 0],
    latent_image: ['size', 0],
    seed: 5,
    steps: 20,
    cfg: 8,
    sampler_name: 'euler',
    scheduler: 'normal',
    denoise: 1,
  }),
  decode: node('VAEDecode', { samples: ['sampler', 0], vae: ['model', 2] }),
  save: node('SaveImage', { images: ['decode', 0], filename_prefix: 'x' }),
  ...more,
});

const bound = (graph: Graph, known: NodeShapes = shapes) =>
  Object.fromEntries(findPlan(graph, known).options.map(({ name, bindings }) => [name, bindings.map(placeName)]));
const outputsOf = (graph: Graph, known: NodeShapes = shapes) => findPlan(graph, known).outputs.map((one) => one.node);
const messages = (graph: Graph) => findPlan(graph, shapes).notes.map(({ message }) => message);

describe('prompts', () => {
  const typed = node('PrimitiveStringMultiline', { value: 'a tin kettle' });

  test.each<[what: string, join: Graph[string], style: string]>([
    [
      'behind it',
      node('StringConcatenate', { string_a: ['typed', 0], string_b: 'masterpiece', delimiter: ', ' }),
      'string_b',
    ],
    [
      'before it',
      node('StringConcatenate', { string_a: 'masterpiece', string_b: ['typed', 0], delimiter: ', ' }),
      'string_a',
    ],
    [
      'in a node of a pack',
      node('CR Text Concatenate', { text1: 'masterpiece', text2: ['typed', 0], separator: ' ' }),
      'text1',
    ],
    [
      'in one that only its inputs tell',
      node('StringFunction|pysssss', { action: 'append', text_a: 'masterpiece', text_b: ['typed', 0], text_c: '' }),
      'text_a',
    ],
  ])('what is linked in is the prompt, the words %s are the style', (_, join, style) => {
    expect(bound(picture(['join', 0], { typed, join }))).toMatchObject({
      prompt: ['typed.value'],
      style: [`join.${style}`],
      negative_prompt: ['no.text'],
    });
  });

  test('of two texts that are linked in, the title tells which is the style', () => {
    const graph = picture(['join', 0], {
      join: node('StringConcatenate', { string_a: ['word', 0], string_b: ['typed', 0], delimiter: '' }),
      word: node('PrimitiveString', { value: 'pixel art, ' }, 'String (Trigger Word)'),
      typed: { ...typed, _meta: { title: 'String (Prompt)' } },
    });
    expect(bound(graph)).toMatchObject({ prompt: ['typed.value'], style: ['word.value'] });
  });

  test.each<[what: string, more: Graph, fed: string[], options: Record<string, string[]>]>([
    ['both prompts', {}, ['yes.text', 'no.text'], { prompt: ['yes.text', 'no.text'] }],
    ['a prompt and the name of the file', {}, ['save.filename_prefix', 'yes.text'], { prompt: ['yes.text'] }],
    ['the seed and the steps', {}, ['sampler.steps', 'sampler.seed'], { seed: ['sampler.seed', 'sampler.steps'] }],
    [
      'a prompt and what else reads it',
      {
        log: node('LogOfThePack', { line: 'a pan', image: ['decode', 0] }),
        save: node('SaveImage', { images: ['log', 0] }),
      },
      ['yes.text', 'log.line'],
      { prompt: ['yes.text', 'log.line'] },
    ],
    [
      'what runs and what does not',
      { lone: node('CLIPTextEncode', { text: 'a pan' }) },
      ['lone.text', 'yes.text'],
      { prompt: ['yes.text'] },
    ],
  ])('a primitive of the editor that feeds %s is one option', (_what, more, fed, expected) => {
    const { options, fixed } = findPlan(picture('a pan', more), shapes, [], new Map([['9', fed]]));
    const found = Object.fromEntries(options.map(({ name, bindings }) => [name, bindings.map(placeName)]));
    expect(found).toMatchObject(expected);
    const places = Object.values(expected).flat();
    expect(
      Object.values(found)
        .flat()
        .filter((place) => fed.includes(place)),
    ).toEqual(places);
    expect(fixed.map(placeName)).not.toEqual(expect.arrayContaining(places));
  });

  test('an input belongs to one option, whatever primitives of the editor feed', () => {
    const graph = picture('a pan');
    graph.first = node('KSampler', { ...graph.sampler!.inputs });
    graph.sampler!.inputs.latent_image = ['first', 0];
    const primitives = new Map([
      ['8', ['yes.text', 'sampler.seed']],
      ['9', ['no.text', 'first.seed']],
    ]);
    const { options } = findPlan(graph, shapes, [], primitives);
    const places = options.flatMap(({ bindings }) => bindings.map(placeName));
    expect(places.filter((place, index) => places.indexOf(place) < index)).toEqual([]);
  });

  test('through switches: the side that is on', () => {
    const graph = (on: boolean) =>
      picture(['switch', 0], {
        typed,
        other: node('PrimitiveString', { value: 'a pan' }),
        flag: node('PrimitiveBoolean', { value: on }),
        switch: node('ComfySwitchNode', { switch: ['flag', 0], on_false: ['typed', 0], on_true: ['other', 0] }),
      });
    expect(bound(graph(false))).toMatchObject({ prompt: ['typed.value'] });
    expect(bound(graph(true))).toMatchObject({ prompt: ['other.value'] });
    expect(bound(graph(true))).not.toHaveProperty('prompt_2');
    expect(messages(graph(true))).toEqual([expect.stringMatching(/switch \(on_true\).*stays fixed/)]);
  });

  test('through switches of packs, by number and by what is there', () => {
    const numbered = picture(['switch', 0], {
      typed,
      switch: node('CR Text Input Switch', { Input: 2, text1: 'a pan', text2: ['typed', 0] }),
    });
    expect(bound(numbered)).toMatchObject({ prompt: ['typed.value'] });
    const first = picture(['switch', 0], { typed, switch: node('Any Switch (rgthree)', { any_01: ['typed', 0] }) });
    expect(bound(first)).toMatchObject({ prompt: ['typed.value'] });
  });

  test('through switches that something else decides: both sides', () => {
    const graph = picture(['switch', 0], {
      typed,
      other: node('PrimitiveString', { value: 'a pan' }),
      day: node('ClockOfThePack', {}),
      switch: node('ComfySwitchNode', { switch: ['day', 0], on_false: ['typed', 0], on_true: ['other', 0] }),
    });
    expect(bound(graph)).toMatchObject({ prompt: ['typed.value'], prompt_2: ['other.value'] });
    const conditioned = picture('a sea', { third: node('CLIPTextEncode', { text: 'a lake', clip: ['model', 1] }) });
    conditioned.sampler!.inputs.positive = ['switch', 0];
    const inputs = { switch: ['day', 0], on_false: ['yes', 0], on_true: ['third', 0] };
    Object.assign(conditioned, { day: node('ClockOfThePack', {}), switch: node('ComfySwitchNode', inputs) });
    expect(bound(conditioned)).toMatchObject({ prompt: ['yes.text'], prompt_2: ['third.text'] });
  });

  test('of an encoder with two, which are options both, unless they say the same', () => {
    const encoder = (clip_l: string) => {
      const inputs = { clip: ['model', 1], clip_l, t5xxl: 'a tin kettle', guidance: 3 };
      return picture('', { yes: node('CLIPTextEncodeFlux', inputs) });
    };
    expect(bound(encoder('a kettle'))).toMatchObject({ prompt: ['yes.t5xxl'], prompt_2: ['yes.clip_l'] });
    expect(bound(encoder('a tin kettle'))).toMatchObject({ prompt: ['yes.t5xxl', 'yes.clip_l'] });
    expect(bound(encoder(''))).not.toHaveProperty('prompt_2');
  });

  test('through joins of joins, of which there are more ways than anybody could go', () => {
    const names = Array.from({ length: 9 }, (_, index) => `string_${index}`);
    const level = (number: number) =>
      node('JoinStringMulti', Object.fromEntries(names.map((name) => [name, [`level${number - 1}`, 0]])));
    const levels = Array.from({ length: 40 }, (_, index) => [`level${index + 1}`, level(index + 1)]);
    const graph = picture(['level40', 0], { level0: typed, ...Object.fromEntries(levels) });
    expect(bound(graph)).toMatchObject({ prompt: ['level0.value'] });
  });

  test('through previews, and models that write', () => {
    const graph = picture(['look', 0], {
      look: node('PreviewAny', { source: ['write', 0] }),
      write: node('TextGenerate', { prompt: ['typed', 0], max_length: 256, clip: ['model', 1] }),
      typed,
    });
    expect(bound(graph)).toMatchObject({ prompt: ['typed.value'] });
  });

  test('through a template whose gap they fill', () => {
    const graph = picture(['fill', 0], {
      fill: node('StringReplace', { string: 'A photo of {x}, 35mm', find: '{x}', replace: ['typed', 0] }),
      typed,
    });
    expect(bound(graph)).toMatchObject({ prompt: ['typed.value'], style: ['fill.string'] });
  });

  test('a node that hears a sound has no prompt in its file', () => {
    const graph = picture(['join', 0], {
      join: node('StringConcatenate', { string_a: ['typed', 0], string_b: ['hear', 1], delimiter: ' ' }),
      hear: node('WanDancerEncodeAudio', { audio: ['sound', 0], video_frames: 149, audio_inject_scale: 1 }),
      sound: node('LoadAudio', { audio: 'a.mp3' }),
      typed,
    });
    expect(bound(graph)).toMatchObject({ prompt: ['typed.value'], audio: ['sound.audio'] });
  });

  test('encoders of samplers that nobody knows count too, and go by where they lead', () => {
    const graph = picture('sea');
    graph.sampler = node('FancySampler', { pipe: ['model', 0], pos: ['yes', 0], neg_cond: ['no', 0], seed: 1 });
    expect(bound(graph)).toMatchObject({ prompt: ['yes.text'], negative_prompt: ['no.text'], seed: ['sampler.seed'] });
  });

  test('of loaders that hold them themselves', () => {
    const graph: Graph = {
      load: node('ttN pipeLoaderSDXL_v2', { positive_g: 'sea', positive_l: 'sea', negative_g: 'fog', negative_l: '' }),
      draw: node('ttN pipeKSamplerSDXL_v2', { sdxl_pipe: ['load', 0], seed: 1, image_output: 'Save' }),
    };
    expect(bound(graph)).toMatchObject({
      prompt: ['load.positive_g', 'load.positive_l'],
      negative_prompt: ['load.negative_g'],
    });
  });

  test('of nodes that call a service, also in a choice of theirs', () => {
    const graph: Graph = {
      video: node('MinimaxHailuo03TextToVideoNode', {
        model: 'MiniMax-H3',
        'model.prompt': 'sea',
        'model.resolution': '768P',
        seed: 1,
      }),
      save: node('SaveVideo', { video: ['video', 0], filename_prefix: 'x' }),
    };
    expect(bound(graph)).toMatchObject({
      prompt: ['video.model.prompt'],
      resolution: ['video.model.resolution'],
      seed: ['video.seed'],
    });
  });
});

describe('numbers', () => {
  test('written as text are numbers', () => {
    const graph = picture('sea');
    Object.assign(graph.sampler!.inputs, { seed: '123456789', steps: '20', cfg: '7.5' });
    graph.size!.inputs.width = '512';
    const { options, notes } = findPlan(graph, shapes);
    const values = Object.fromEntries(options.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({ seed: 123456789, steps: 20, cfg: 7.5, width: 512 });
    expect(notes).toEqual([]);
  });

  test('a placeholder of a template gives way to a number, and that is said', () => {
    const graph = picture('%prompt%');
    Object.assign(graph.sampler!.inputs, { seed: '%seed%', steps: '{{steps}}', cfg: 'high' });
    const { options, notes } = findPlan(graph, shapes);
    expect(options).toContainEqual(expect.objectContaining({ name: 'seed', value: 0 }));
    expect(options).toContainEqual(expect.objectContaining({ name: 'steps', value: 20 }));
    expect(notes.map(({ message }) => message)).toEqual([
      'seed of node sampler is "%seed%", which is no number: ComfyUI refuses it. 0 stands there now.',
      'steps of node sampler is "{{steps}}", which is no number: ComfyUI refuses it. 20 stands there now.',
      'cfg of node sampler is "high", which is no number: ComfyUI refuses it.',
    ]);
  });

  test('what is a number is for Python to say', () => {
    const graph = picture('sea');
    Object.assign(graph.sampler!.inputs, { cfg: '0x10', steps: '1_0' });
    expect(findPlan(graph, shapes).options).toContainEqual(expect.objectContaining({ name: 'steps', value: 10 }));
    expect(messages(graph)).toEqual([expect.stringContaining('cfg of node sampler is "0x10", which is no number')]);
  });

  test('are followed once, however many ways there are', () => {
    const inputs = (number: number) =>
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, [`level${number - 1}`, 0]]));
    const levels = Array.from({ length: 40 }, (_, index) => [
      `level${index + 1}`,
      node('SimpleMath+', inputs(index + 1)),
    ]);
    const graph = picture('sea', { level0: node('PrimitiveInt', { value: 64 }), ...Object.fromEntries(levels) });
    graph.size!.inputs.width = ['level40', 0];
    expect(bound(graph)).toMatchObject({ width: ['level0.value'] });
  });

  test('one value that feeds two inputs is one option, and that is said', () => {
    const graph = picture('sea', { side: node('PrimitiveInt', { value: 768 }) });
    graph.size!.inputs = { width: ['side', 0], height: ['side', 0], batch_size: 1 };
    expect(bound(graph)).toMatchObject({ size: ['side.value'] });
    expect(bound(graph)).not.toHaveProperty('width');
    expect(messages(graph)).toEqual([
      'Option size sets size.width and size.height: node side (PrimitiveInt) feeds them all.',
    ]);
  });

  test('are followed through arithmetic, unless two are behind it', () => {
    const half = (values: Record<string, unknown>) => node('ComfyMathExpression', { expression: 'a/2', ...values });
    const graph = picture('sea', {
      wide: node('PrimitiveInt', { value: 1024 }, 'Width'),
      long: node('PrimitiveInt', { value: 5 }, 'Duration'),
      half: half({ 'values.a': ['wide', 0] }),
      both: half({ 'values.a': ['wide', 0], 'values.b': ['long', 0] }),
    });
    graph.size!.inputs = { width: ['half', 1], height: ['both', 1], batch_size: 1 };
    expect(bound(graph)).toMatchObject({ width: ['wide.value'], duration: ['long.value'] });
    expect(bound(graph)).not.toHaveProperty('height');
  });

  test.each([
    ['Timeout seconds', 'timeout_seconds_value'],
    ['Photo URL', 'photo'],
    ['Mood', 'mood'],
  ])('a title gives a name that every task still has: %s', (title, name) => {
    const graph = picture('sea', { value: node('PrimitiveInt', { value: 3 }, title) });
    graph.save!.inputs.odd = ['value', 0];
    expect(bound(graph)).toMatchObject({ [name]: ['value.value'] });
  });

  test('seeds of several nodes are one, no larger than all of them take', () => {
    const graph = picture('sea');
    const film = node('ViduTextToVideoNode', { prompt: 'x', seed: 3, model: 'viduq1' });
    const { options } = findPlan({ ...graph, film, out: node('SaveVideo', { video: ['film', 0] }) }, shapes);
    expect(options.find(({ name }) => name === 'seed')).toMatchObject({
      bindings: ['sampler.seed', 'film.seed'],
      range: [0, 2147483647],
    });
  });
});

describe('files', () => {
  const shown = (loader: Graph[string]): Graph => ({
    load: loader,
    save: node('SaveImage', { images: ['load', 0], filename_prefix: 'x' }),
  });

  test.each<[class_type: string, input: string, option: string]>([
    ['LoadImage', 'image', 'image'],
    ['LoadImageOutput', 'image', 'image'],
    ['LoadVideo', 'file', 'video'],
    ['LoadAudio', 'audio', 'audio'],
    ['Load3D', 'model_file', 'file'],
    ['LoadAndResizeImage', 'image', 'image'],
    ['VHS_LoadVideo', 'video', 'video'],
    ['VHS_LoadAudioUpload', 'audio', 'audio'],
  ])('%s takes one', (class_type, input, option) => {
    expect(bound(shown(node(class_type, { [input]: 'a.bin' })))).toMatchObject({ [option]: [`load.${input}`] });
  });

  test.each([
    ['LoadImageFromUrl', 'url', 'a.png'],
    ['LoadImageFromUrl', 'image', 'https://host/a?b=1'],
    ['VHS_LoadVideoPath', 'video', 'a.png'],
    ['VHS_LoadImagesPath', 'directory', 'C:/frames'],
    ['ETN_LoadImageBase64', 'image', 'iVBORw0KGgo'],
  ])('%s keeps the file of the author, and that is said', (class_type, input, value) => {
    const graph = shown(node(class_type, { [input]: value }));
    expect(bound(graph)).toEqual({});
    expect(messages(graph)).toContainEqual(expect.stringContaining(`${input} of node load stays "${value}", which`));
  });

  test('a whole picture in the graph is not repeated', () => {
    const graph = shown(node('ETN_LoadImageBase64', { image: 'x'.repeat(1000) }));
    expect(messages(graph)).toEqual([expect.stringContaining(`"${'x'.repeat(100)}…"`)]);
  });

  test('what the server says of a class counts, whatever its name is', () => {
    const own: NodeShapes = {
      Gimme: { widgets: [{ name: 'pic', type: 'COMBO', upload: 'image' }], outputs: ['IMAGE'] },
      LoadImageNot: { widgets: [{ name: 'image', type: 'STRING' }], outputs: ['IMAGE'] },
    };
    expect(bound(shown(node('Gimme', { pic: 'a.png' })), { ...shapes, ...own })).toEqual({ image: ['load.pic'] });
    expect(bound(shown(node('LoadImageNot', { image: 'a' })), { ...shapes, ...own })).toEqual({});
  });
});

describe('outputs', () => {
  const image = node('EmptyImage', { width: 64, height: 64, batch_size: 1, color: 0 });
  const through = (saver: Graph[string]): Graph => ({
    image,
    saver,
    next: node('ImageInvert', { image: ['saver', 0] }),
    last: node('ImageHistogram', { image: ['next', 0] }),
  });

  test.each<[what: string, saver: Graph[string], makes: string]>([
    ['PreviewImage', node('PreviewImage', { images: ['image', 0] }), 'image'],
    ['Image Save', node('Image Save', { images: ['image', 0], filename_prefix: 'x' }), 'image'],
    ['SaveImage', node('SaveImage', { images: ['image', 0], filename_prefix: 'x' }), 'image'],
  ])('%s that passes on', (_, saver, makes) => {
    expect(findPlan(through(saver), shapes).outputs).toEqual([{ node: 'saver', class_type: saver.class_type, makes }]);
  });

  test.each<[class_type: string, inputs: Record<string, unknown>, makes: string]>([
    ['ShowText|pysssss', { text: ['image', 0] }, 'text'],
    ['SaveText', { text: ['image', 0], filename_prefix: 'x', format: 'txt' }, 'text'],
    ['UploadToS3', { images: ['image', 0] }, 'file'],
    ['ttN pipeKSamplerSDXL_v2', { image_output: 'Hide/Save', pipe: ['image', 0] }, 'image'],
    ['VHS_VideoCombine', { images: ['image', 0], save_output: true }, 'video'],
    ['SaveGLB', { mesh: ['image', 0], filename_prefix: 'x' }, 'file'],
    ['SaveAudioMP3', { audio: ['image', 0], filename_prefix: 'x' }, 'audio'],
  ])('%s', (class_type, inputs, makes) => {
    const graph = { image, out: node(class_type, inputs) };
    expect(findPlan(graph, shapes).outputs).toEqual([{ node: 'out', class_type, makes }]);
  });

  test('what is left over is none: combine nodes, services whose result is saved, previews beside savers', () => {
    const graph = picture('sea', {
      left: node('ImageCombine', { a: ['decode', 0] }),
      joined: node('ConditioningCombine', { conditioning_1: ['yes', 0], conditioning_2: ['no', 0] }),
      look: node('PreviewImage', { images: ['decode', 0] }),
      tripo: node('TripoMultiviewToModelNode', { image: ['decode', 0] }),
      mesh: node('SaveGLB', { mesh: ['tripo', 2], filename_prefix: 'x' }),
    });
    expect(outputsOf(graph)).toEqual(['save', 'mesh']);
  });

  test('nor is a saver that nothing is linked into, which ComfyUI would refuse', () => {
    const left = node('VHS_VideoCombine', { frame_rate: 8, save_output: true });
    expect(outputsOf(picture('sea', { left }))).toEqual(['save']);
    expect(bound(picture('sea', { left }))).not.toHaveProperty('fps');
    expect(messages(picture('sea', { left }))).toEqual([
      'Nothing is linked into node left (VHS_VideoCombine), which is left out. Pass --output left besides, if it is an output.',
    ]);
    expect(outputsOf({ left })).toEqual(['left']);
  });

  test('what the server says counts, whatever the name is', () => {
    const own: NodeShapes = { Deliver: { widgets: [], outputs: [], isOutput: true } };
    const graph = { image, out: node('Deliver', { images: ['image', 0] }) };
    expect(outputsOf(graph, { ...shapes, ...own })).toEqual(['out']);
    const helper: NodeShapes = { SaveLater: { widgets: [], outputs: ['IMAGE'] } };
    const helped = { ...graph, later: node('SaveLater', { images: ['image', 0] }) };
    expect(outputsOf(helped, { ...shapes, ...own, ...helper })).toEqual(['out']);
    expect(() => findPlan(graph, shapes)).toThrow(/no output node.*--output out \(Deliver\).*--comfyui/);
  });

  test('they can be named', () => {
    const graph = { image, out: node('Deliver', { images: ['image', 0] }) };
    expect(findPlan(graph, shapes, ['out']).outputs).toEqual([{ node: 'out', class_type: 'Deliver', makes: 'image' }]);
    expect(() => findPlan(graph, shapes, ['7'])).toThrow(/no node 7.*--output out/);
    expect(findPlan(graph, shapes, ['out', 'out']).outputs).toHaveLength(1);
  });

  test('but not one that is known to keep nothing', () => {
    const graph = picture('sea');
    expect(() => findPlan(graph, shapes, ['decode'])).toThrow('ComfyUI keeps nothing of node decode (VAEDecode)');
    delete graph.save;
    expect(() => findPlan(graph, shapes)).toThrow(
      'no output node that is known. Add an output node, such as SaveImage',
    );
  });

  test('one that only its name tells is said', () => {
    const graph = { image, out: node('UploadToS3', { images: ['image', 0] }) };
    expect(messages(graph)).toEqual([
      expect.stringMatching(/Node out \(UploadToS3\) is taken for an output by its name/),
    ]);
  });
});

test('what no option sets is fixed, but for the names of saved files', () => {
  const { fixed } = findPlan(picture('sea'), shapes);
  expect(fixed.map(placeName)).toEqual(['sampler.sampler_name', 'sampler.scheduler', 'sampler.denoise']);
  expect(fixed[0]).toEqual({ node: 'sampler', class_type: 'KSampler', input: 'sampler_name', value: 'euler' });
});

test('a plan is plain data', () => {
  const plan = findPlan(picture('sea'), shapes);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});
