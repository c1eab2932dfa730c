// The sampling nodes, end to end, on the checkpoint that ships with a local network.
import { tinyIconsModels } from '@heurist/tiny-icons';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSocket, post, startEngine, type TestGraph } from './harness.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine({ models: [tinyIconsModels] });
});
afterAll(() => engine.stop());

type Inputs = Record<string, unknown>;

/** ComfyUI's own first graph, on our checkpoint. */
function textToImage(prompt: string, sampler: Inputs = {}, latent: Inputs = {}): TestGraph {
  return {
    ckpt: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'tiny-icons' } },
    pos: { class_type: 'CLIPTextEncode', inputs: { text: prompt, clip: ['ckpt', 1] } },
    neg: { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['ckpt', 1] } },
    latent: { class_type: 'EmptyLatentImage', inputs: { width: 128, height: 128, batch_size: 1, ...latent } },
    sampler: {
      class_type: 'KSampler',
      inputs: {
        model: ['ckpt', 0],
        positive: ['pos', 0],
        negative: ['neg', 0],
        latent_image: ['latent', 0],
        seed: 1,
        steps: 6,
        cfg: 3,
        sampler_name: 'euler',
        scheduler: 'simple',
        denoise: 1,
        ...sampler,
      },
    },
    decode: { class_type: 'VAEDecode', inputs: { samples: ['sampler', 0], vae: ['ckpt', 2] } },
    save: { class_type: 'SaveImage', inputs: { images: ['decode', 0], filename_prefix: 'tiny' } },
  };
}

const draw = async (graph: TestGraph) => await engine.pictures(graph);
type Picture = Awaited<ReturnType<typeof draw>>[number];
/** A picture is the same for the same inputs, so each is drawn once; `drawAgain` does not know the earlier ones. */
const drawn = new Map<string, Promise<Picture>>();
const drawAgain = async (...args: Parameters<typeof textToImage>) => (await draw(textToImage(...args)))[0]!;
function drawOne(...args: Parameters<typeof textToImage>): Promise<Picture> {
  const key = JSON.stringify(args);
  const picture = drawn.get(key) ?? drawAgain(...args);
  drawn.set(key, picture);
  return picture;
}

/** Mean colour of a square in the middle, 0 to 255. */
function middle({ data, width, channels }: { data: Buffer; width: number; channels: number }): number[] {
  const sums = [0, 0, 0];
  for (let y = 48; y < 80; y++)
    for (let x = 48; x < 80; x++) for (let c = 0; c < 3; c++) sums[c]! += data[(y * width + x) * channels + c]! / 1024;
  return sums;
}

const difference = (a: Buffer, b: Buffer) =>
  a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;

describe('text to image', () => {
  test('the prompt decides: red, green and blue apples, and a heart that is none of them', async () => {
    const [red, green, blue] = [await drawOne('red apple'), await drawOne('green apple'), await drawOne('blue apple')];
    expect([red.width, red.height]).toEqual([128, 128]);
    const [r, g, b] = [red, green, blue].map(middle) as [number[], number[], number[]];
    expect(r[0]!).toBeGreaterThan(r[1]! + 60);
    expect(g[1]!).toBeGreaterThan(g[0]! + 30);
    expect(b[2]!).toBeGreaterThan(b[0]! + 60);
    expect(difference((await drawOne('red heart')).data, red.data)).toBeGreaterThan(10);
  });

  test('a background is drawn as asked', async () => {
    const { data } = await drawOne('red apple on blue background');
    expect(data[2]!).toBeGreaterThan(data[0]! + 60);
  });

  test('the same seed gives the same picture, another seed another', async () => {
    const first = await drawOne('fox', { seed: 7 });
    await fetch(`${engine.engine.url}/free`, { method: 'POST', body: JSON.stringify({ free_memory: true }) });
    const again = await drawAgain('fox', { seed: 7 });
    expect(again.data.equals(first.data)).toBe(true);
    expect(difference((await drawOne('fox', { seed: 8 })).data, first.data)).toBeGreaterThan(0.5);
  });

  test('a batch: several pictures of one seed, the first the same as alone', async () => {
    const alone = await drawOne('penguin');
    const batch = await draw(textToImage('penguin', {}, { batch_size: 3 }));
    expect(batch.length).toBe(3);
    expect(difference(batch[0]!.data, alone.data)).toBeLessThan(1);
    expect(difference(batch[1]!.data, alone.data)).toBeGreaterThan(0.5);
  });

  test.each([
    ['euler', 'normal'],
    ['euler_ancestral', 'karras'],
    ['heun', 'sgm_uniform'],
    ['dpmpp_2m', 'exponential'],
    ['ddim', 'simple'],
  ])('%s with %s draws it too', async (sampler_name, scheduler) => {
    const [r, g] = middle(await drawOne('red heart', { sampler_name, scheduler, steps: 8 }));
    expect(r!).toBeGreaterThan(150);
    expect(r!).toBeGreaterThan(g! + 60);
  });

  test.each([
    ['an empty prompt', ''],
    ['ten thousand characters', 'apple '.repeat(1667)],
    ['emoji', '🍎🍎'],
    ['another script', '红苹果 красное яблоко'],
    ['words that it does not know', 'zxqv blorp frobnicate'],
    ['steering characters', '((apple:1.4)), [red] {a|b} \\ embedding:x'],
  ])('%s draws something clean', async (_, prompt) => {
    const { data } = await drawOne(prompt);
    // noise would differ from pixel to pixel
    const steps = data.reduce((sum, value, index) => sum + Math.abs(value - (data[index + 3] ?? value)), 0);
    expect(steps / data.length).toBeLessThan(20);
  });

  test('words it does not know change nothing', async () => {
    const plain = await drawOne('red apple');
    expect((await drawOne('frobnicated red blorp apple')).data.equals(plain.data)).toBe(true);
    expect((await drawOne('🍎')).data.equals(plain.data)).toBe(true);
  });

  test.each([
    ['cfg 0', { cfg: 0 }],
    ['cfg 1', { cfg: 1 }],
    ['denoise 0', { denoise: 0 }],
    ['one step', { steps: 1 }],
  ])('%s', async (_, inputs) => {
    expect((await drawOne('apple', inputs)).width).toBe(128);
  });

  test.each([
    ['another size', {}, { width: 512, height: 512 }, /draws pictures of 128x128 pixels only.*512x512/],
    ['a thousand pictures', {}, { batch_size: 1000 }, /batch of 1000.*up to 64/],
  ])('refuses %s, and says what it can', async (_, sampler, latent, message) => {
    await expect(draw(textToImage('apple', sampler, latent))).rejects.toThrow(message);
  });

  test.each([
    ['steps 0', { steps: 0 }, {}],
    ['no picture', {}, { batch_size: 0 }],
    ['an unknown sampler', { sampler_name: 'lms' }, {}],
  ])('refuses %s like ComfyUI, before it runs', async (_, sampler, latent) => {
    const { status, json } = await post(engine.engine.url, { prompt: textToImage('apple', sampler, latent) });
    expect([status, json.error.type]).toEqual([400, 'prompt_outputs_failed_validation']);
  });
});

describe('other nodes', () => {
  const upload = async (svg: string) => {
    const bytes = await sharp(Buffer.from(svg)).png().toBuffer();
    return await engine.upload(bytes, `${Math.random()}.png`);
  };
  const square = (fill: string, inner: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128"><rect width="128" height="128" fill="${fill}"/><rect x="32" y="32" width="64" height="64" fill="${inner}"/></svg>`;

  async function remake(prompt: string, sampler: Inputs, encode: (image: unknown) => TestGraph) {
    const image = await upload(square('#ffffff', '#2060e0'));
    const graph = textToImage(prompt, { latent_image: ['encoded', 0], ...sampler });
    delete graph.latent;
    return (
      await draw({ ...graph, image: { class_type: 'LoadImage', inputs: { image } }, ...encode(['image', 0]) })
    )[0]!;
  }
  const encoded = (pixels: unknown): TestGraph => ({
    encoded: { class_type: 'VAEEncode', inputs: { pixels, vae: ['ckpt', 2] } },
  });

  test('VAEEncode and VAEDecode: denoise 0 gives the picture back', async () => {
    const { data } = await remake('apple', { denoise: 0 }, encoded);
    const original = await sharp(Buffer.from(square('#ffffff', '#2060e0')))
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(difference(data, original)).toBeLessThan(4);
  });

  test('image to image: the more denoise, the further from the original', async () => {
    const [kept, little, much] = [0, 0.3, 0.9].map((denoise) => remake('red apple', { denoise }, encoded));
    const original = (await kept!).data;
    const near = difference((await little!).data, original);
    const far = difference((await much!).data, original);
    expect(near).toBeLessThan(far);
    expect(far).toBeGreaterThan(10);
  });

  test.each([
    ['VAEEncodeForInpaint', (pixels: unknown, mask: unknown) => ({ pixels, mask, vae: ['ckpt', 2], grow_mask_by: 0 })],
    ['SetLatentNoiseMask', (_: unknown, mask: unknown) => ({ samples: ['plain', 0], mask })],
  ])('%s: only what is masked changes', async (class_type, inputs) => {
    const maskFile = await upload(square('#000000', '#ffffff'));
    const whole = (await remake('red heart', { denoise: 0 }, encoded)).data;
    const { data } = await remake('red heart', { denoise: 1 }, (pixels) => ({
      plain: { class_type: 'VAEEncode', inputs: { pixels, vae: ['ckpt', 2] } },
      mask: { class_type: 'LoadImageMask', inputs: { image: maskFile, channel: 'red' } },
      encoded: { class_type, inputs: inputs(pixels, ['mask', 0]) },
    }));
    const row = (y: number, buffer: Buffer) => buffer.subarray(y * 384, (y + 1) * 384);
    expect(difference(row(4, data), row(4, whole))).toBeLessThan(1);
    expect(difference(row(64, data), row(64, whole))).toBeGreaterThan(5);
  });

  test('InpaintModelConditioning hands on prompts, latent and mask', async () => {
    const maskFile = await upload(square('#000000', '#ffffff'));
    const whole = (await remake('red heart', { denoise: 0 }, encoded)).data;
    const conditioned = { positive: ['encoded', 0], negative: ['encoded', 1], latent_image: ['encoded', 2] };
    const { data } = await remake('red heart', conditioned, (pixels) => ({
      mask: { class_type: 'LoadImageMask', inputs: { image: maskFile, channel: 'red' } },
      encoded: {
        class_type: 'InpaintModelConditioning',
        inputs: {
          positive: ['pos', 0],
          negative: ['neg', 0],
          vae: ['ckpt', 2],
          pixels,
          mask: ['mask', 0],
          noise_mask: true,
        },
      },
    }));
    expect(difference(data.subarray(0, 1536), whole.subarray(0, 1536))).toBeLessThan(1);
    expect(difference(data, whole)).toBeGreaterThan(1);
  });

  test('KSamplerAdvanced: two halves give what the whole gives', async () => {
    const whole = await drawOne('red apple');
    const graph = textToImage('red apple');
    const { seed, denoise, ...common } = graph.sampler!.inputs;
    const half = (inputs: Inputs) => ({
      class_type: 'KSamplerAdvanced',
      inputs: { ...common, noise_seed: seed, start_at_step: 0, end_at_step: 10000, add_noise: 'enable', ...inputs },
    });
    const [joined] = await draw({
      ...graph,
      first: half({ end_at_step: 3, return_with_leftover_noise: 'enable' }),
      sampler: half({
        add_noise: 'disable',
        start_at_step: 3,
        latent_image: ['first', 0],
        return_with_leftover_noise: 'disable',
      }),
    });
    expect(difference(joined!.data, whole.data)).toBeLessThan(0.5);
  });

  test('ConditioningCombine lies between its two prompts', async () => {
    const combined = {
      ...textToImage('red apple', { positive: ['both', 0] }),
      other: { class_type: 'CLIPTextEncode', inputs: { text: 'blue apple', clip: ['ckpt', 1] } },
      both: { class_type: 'ConditioningCombine', inputs: { conditioning_1: ['pos', 0], conditioning_2: ['other', 0] } },
    };
    const [red, both, blue] = [await drawOne('red apple'), (await draw(combined))[0]!, await drawOne('blue apple')];
    expect(middle(both)[0]!).toBeLessThan(middle(red)[0]!);
    expect(middle(both)[2]!).toBeLessThan(middle(blue)[2]!);
  });

  test('RepeatLatentBatch and LatentUpscale', async () => {
    const graph = textToImage('star', { latent_image: ['right', 0] }, { width: 64, height: 64 });
    const pictures = await draw({
      ...graph,
      twice: { class_type: 'RepeatLatentBatch', inputs: { samples: ['latent', 0], amount: 2 } },
      right: {
        class_type: 'LatentUpscale',
        inputs: { samples: ['twice', 0], upscale_method: 'bilinear', width: 128, height: 128, crop: 'disabled' },
      },
    });
    expect(pictures.map(({ width }) => width)).toEqual([128, 128]);
  });

  test('each step is told, with a picture; an interrupt stops between two', async () => {
    const { url } = engine.engine;
    const socket = await openSocket(url, 'steps', { supports_preview_metadata: true });
    const told = async (prompt: TestGraph) =>
      (await post(url, { prompt, client_id: 'steps' })).json.prompt_id as string;
    await socket.ended(await told(textToImage('owl', { seed: 99, steps: 15 })));
    const steps = socket.messages.filter(({ type, data }) => type === 'progress' && data.node === 'sampler');
    expect(steps.map(({ data }) => data.value)).toEqual(Array.from({ length: 15 }, (_, step) => step + 1));
    expect(socket.binary.length).toBeGreaterThan(0);

    const long = await told(textToImage('owl', { seed: 100, steps: 10_000 }));
    const before = socket.messages.length;
    while (!socket.messages.slice(before).some(({ type }) => type === 'progress'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await fetch(`${url}/interrupt`, { method: 'POST' });
    await socket.ended(long);
    socket.close();
    const history = await (await fetch(`${url}/history/${long}`)).json();
    expect(JSON.stringify(history)).toContain('execution_interrupted');
  });
});
