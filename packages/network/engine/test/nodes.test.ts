import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { photoPath } from '@heurist/test-servers/recordings';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImageBatch, toBytes } from '../src/images/image.ts';
import { readPicture } from '../src/images/picture-file.ts';
import { resample } from '../src/images/resample.ts';
import { planTiles, upscalePicture } from '../src/images/upscale.ts';
import { createInference } from '../src/inference/inference.ts';
import { startEngine, type TestGraph } from './harness.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

const model = (name: string) => new URL(`../models/upscale_models/${name}.onnx`, import.meta.url).pathname;

/** A picture one pixel high. */
const line = (values: number[]): ImageBatch => ({
  batch: 1,
  height: 1,
  width: values.length,
  channels: 1,
  data: Float32Array.from(values),
});
const rounded = ({ data }: ImageBatch) => [...data].map((value) => Math.round(value * 1e4) / 1e4);

describe('resampling', () => {
  test.each([
    // torch's interpolate, align_corners=False, no antialias
    ['bilinear', [0, 1], 4, [0, 0.25, 0.75, 1]],
    ['bilinear', [0, 0, 1, 1], 2, [0, 1]],
    ['nearest-exact', [1, 2, 3], 6, [1, 1, 2, 2, 3, 3]],
    ['nearest-exact', [1, 2, 3, 4], 2, [2, 4]],
    ['area', [1, 2, 3, 4, 5, 6], 3, [1.5, 3.5, 5.5]],
    ['area', [1, 2, 3], 2, [1.5, 2.5]],
    ['bicubic', [0, 1], 4, [-0.1055, 0.2266, 0.7734, 1.1055]],
  ] as const)('%s %j to %i', (method, values, width, expected) => {
    expect(rounded(resample(line([...values]), width, 1, method))).toEqual(expected);
  });

  test.each(['bilinear', 'bicubic', 'lanczos', 'area', 'nearest-exact'] as const)(
    '%s keeps a flat picture flat',
    (method) => {
      for (const width of [3, 17, 50])
        expect(new Set(rounded(resample(line(Array(11).fill(0.5)), width, 1, method)))).toEqual(new Set([0.5]));
    },
  );

  test('lanczos shrinks like Pillow, which averages', () => {
    const stripes = line(Array.from({ length: 64 }, (_, index) => index % 2));
    for (const value of rounded(resample(stripes, 8, 1, 'lanczos'))) expect(Math.abs(value - 0.5)).toBeLessThan(0.05);
  });
});

test('values become bytes the way ComfyUI saves them: cut off, not rounded', () => {
  expect([...toBytes(Float32Array.of(-1, 0, 0.5, 0.999, 1, 2))]).toEqual([0, 0, 127, 254, 255, 255]);
});

describe('image nodes', () => {
  const empty = (width: number, height: number, color: number, batch_size = 1) => ({
    class_type: 'EmptyImage',
    inputs: { width, height, batch_size, color },
  });
  const save = (from: string) => ({ class_type: 'SaveImage', inputs: { images: [from, 0], filename_prefix: 'node' } });
  const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });
  const first = ({ data, channels }: { data: Buffer; channels: number }) => [...data.subarray(0, channels)];

  test.each<[string, TestGraph, number[], [number, number]]>([
    ['EmptyImage', { a: empty(4, 2, 0x336699) }, [0x33, 0x66, 0x99], [4, 2]],
    ['ImageInvert', { b: empty(4, 4, 0xff0000), a: node('ImageInvert', { image: ['b', 0] }) }, [0, 255, 255], [4, 4]],
    [
      'ImageCrop',
      { b: empty(9, 9, 0x00ff00), a: node('ImageCrop', { image: ['b', 0], width: 5, height: 99, x: 2, y: 3 }) },
      [0, 255, 0],
      [5, 6],
    ],
    [
      'ImageScale',
      {
        b: empty(8, 4, 0x0000ff),
        a: node('ImageScale', { image: ['b', 0], upscale_method: 'lanczos', width: 16, height: 0, crop: 'disabled' }),
      },
      [0, 0, 255],
      [16, 8],
    ],
    [
      'ImageScale center',
      {
        b: empty(8, 4, 0x0000ff),
        a: node('ImageScale', { image: ['b', 0], upscale_method: 'area', width: 6, height: 6, crop: 'center' }),
      },
      [0, 0, 255],
      [6, 6],
    ],
    [
      'ImageScaleBy',
      {
        b: empty(10, 6, 0xffffff),
        a: node('ImageScaleBy', { image: ['b', 0], upscale_method: 'bilinear', scale_by: 0.5 }),
      },
      [255, 255, 255],
      [5, 3],
    ],
    [
      'GetImageSize: a picture is brought to the size of another',
      {
        b: empty(10, 6, 0x336699),
        c: empty(7, 9, 0),
        size: node('GetImageSize', { image: ['c', 0] }),
        a: node('ImageScale', {
          image: ['b', 0],
          upscale_method: 'area',
          width: ['size', 0],
          height: ['size', 1],
          crop: 'disabled',
        }),
      },
      [0x33, 0x66, 0x99],
      [7, 9],
    ],
    [
      'ImageBlur',
      { b: empty(10, 6, 0x808080), a: node('ImageBlur', { image: ['b', 0], blur_radius: 3, sigma: 1 }) },
      [0x80, 0x80, 0x80],
      [10, 6],
    ],
    [
      'ImageBlend normal',
      {
        b: empty(4, 4, 0x000000),
        c: empty(8, 8, 0xffffff),
        a: node('ImageBlend', { image1: ['b', 0], image2: ['c', 0], blend_factor: 0.5, blend_mode: 'normal' }),
      },
      [127, 127, 127],
      [4, 4],
    ],
    [
      'ImageBlend multiply',
      {
        b: empty(4, 4, 0x808080),
        c: empty(4, 4, 0x808080),
        a: node('ImageBlend', { image1: ['b', 0], image2: ['c', 0], blend_factor: 1, blend_mode: 'multiply' }),
      },
      [64, 64, 64],
      [4, 4],
    ],
    [
      'ImageBlend screen',
      {
        b: empty(4, 4, 0x808080),
        c: empty(4, 4, 0x808080),
        a: node('ImageBlend', { image1: ['b', 0], image2: ['c', 0], blend_factor: 1, blend_mode: 'screen' }),
      },
      [191, 191, 191],
      [4, 4],
    ],
  ])('%s', async (_, graph, pixel, [width, height]) => {
    const [picture] = await engine.pictures({ ...graph, save: save('a') });
    expect([picture?.width, picture?.height]).toEqual([width, height]);
    const distance = first(picture!).map((value, index) => Math.abs(value - pixel[index]!));
    expect(Math.max(...distance)).toBeLessThanOrEqual(1);
  });

  test('ImageBatch puts pictures behind each other, at the size of the first', async () => {
    const graph = {
      b: empty(4, 4, 1),
      c: empty(8, 8, 2, 2),
      a: node('ImageBatch', { image1: ['b', 0], image2: ['c', 0] }),
      save: save('a'),
    };
    const all = await engine.pictures(graph);
    expect(all.map(({ width }) => width)).toEqual([4, 4, 4]);
  });

  test('file names count on, and a prefix with a folder makes it', async () => {
    const graph = (color: number) => ({
      a: empty(2, 2, color),
      s: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'sub/%width%x%height%' } },
    });
    const [one] = await engine.pictures(graph(1));
    const [two] = await engine.pictures(graph(2));
    expect([one?.filename, two?.filename]).toEqual(['2x2_00001_.png', '2x2_00002_.png']);
  });

  test('a prefix cannot lead out of the output folder', async () => {
    const graph = {
      a: empty(2, 2, 1),
      s: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: '../../evil' } },
    };
    await expect(engine.client.run(graph)).rejects.toMatchObject({
      code: 'comfyui_execution_failed',
      node_type: 'SaveImage',
    });
  });
});

describe('masks', () => {
  const background = { r: 200, g: 100, b: 50, alpha: 0.25 };
  const upload = async (channels: 3 | 4) =>
    await engine.upload(
      await sharp({ create: { width: 64, height: 10, channels, background } })
        .png()
        .toBuffer(),
      `mask-${channels}.png`,
    );
  const show = (nodes: TestGraph): TestGraph => ({
    ...nodes,
    grey: { class_type: 'MaskToImage', inputs: { mask: ['mask', 0] } },
    save: { class_type: 'SaveImage', inputs: { images: ['grey', 0], filename_prefix: 'mask' } },
  });

  test.each([
    ['red', 4, 200],
    ['green', 4, 100],
    ['blue', 3, 50],
    ['alpha', 4, 191],
    ['alpha', 3, 0],
  ] as const)('LoadImageMask %s of %i channels', async (channel, channels, value) => {
    const image = await upload(channels);
    const [picture] = await engine.pictures(
      show({ mask: { class_type: 'LoadImageMask', inputs: { image, channel } } }),
    );
    expect([picture?.width, picture?.height]).toEqual([64, 10]);
    expect(Math.abs(picture!.data[0]! - value)).toBeLessThanOrEqual(1);
  });

  test('ImageToMask and InvertMask', async () => {
    const image = await upload(4);
    const load = { class_type: 'LoadImage', inputs: { image } };
    const graph = (channel: string) =>
      show({
        load,
        red: { class_type: 'ImageToMask', inputs: { image: ['load', 0], channel } },
        mask: { class_type: 'InvertMask', inputs: { mask: ['red', 0] } },
      });
    const [picture] = await engine.pictures(graph('red'));
    expect(Math.abs(picture!.data[0]! - 55)).toBeLessThanOrEqual(1);
    await expect(engine.pictures(graph('alpha'))).rejects.toThrow('no alpha channel');
  });

  test('a file that was not uploaded is refused before anything runs', async () => {
    const graph = show({ mask: { class_type: 'LoadImageMask', inputs: { image: 'absent.png', channel: 'red' } } });
    await expect(engine.pictures(graph)).rejects.toThrow('Invalid image file: absent.png');
  });
});

describe('SaveAnimatedWEBP', () => {
  const solid = (color: number) => ({
    class_type: 'EmptyImage',
    inputs: { width: 20, height: 10, batch_size: 1, color },
  });
  const save = (images: string) => ({
    class_type: 'SaveAnimatedWEBP',
    inputs: { images: [images, 0], filename_prefix: 'moves', fps: 8, lossless: true, quality: 80, method: 'default' },
  });

  test('pictures become the frames of one file, in order and at their speed', async () => {
    const graph = {
      a: solid(0xff0000),
      b: solid(0x00ff00),
      both: { class_type: 'ImageBatch', inputs: { image1: ['a', 0], image2: ['b', 0] } },
      save: save('both'),
    };
    const { outputs } = await engine.client.run(graph);
    expect(outputs).toMatchObject([{ kind: 'video', filename: 'moves_00001_.webp' }]);
    const [output] = outputs;
    if (output?.kind !== 'video') throw new Error('no video');
    const bytes = Buffer.from(await (await engine.client.view(output)).arrayBuffer());
    expect(await sharp(bytes, { animated: true }).metadata()).toMatchObject({
      format: 'webp',
      pages: 2,
      pageHeight: 10,
      width: 20,
      delay: [125, 125],
      loop: 0,
    });
    const colours = [0, 1].map(async (page) => [...(await sharp(bytes, { page }).raw().toBuffer()).subarray(0, 3)]);
    expect(await Promise.all(colours)).toEqual([
      [255, 0, 0],
      [0, 255, 0],
    ]);
  });

  test('one picture does not move', async () => {
    const { outputs } = await engine.client.run({ a: solid(1), save: save('a') });
    expect(outputs).toMatchObject([{ kind: 'image' }]);
  });
});

describe('LoadImage', () => {
  const load = (name: string): TestGraph => ({
    image: { class_type: 'LoadImage', inputs: { image: name } },
    alpha: { class_type: 'JoinImageWithAlpha', inputs: { image: ['image', 0], alpha: ['image', 1] } },
    save: { class_type: 'SaveImage', inputs: { images: ['alpha', 0], filename_prefix: 'load' } },
  });
  const solid = (width: number, height: number, background: object, channels: 3 | 4 = 3) =>
    sharp({ create: { width, height, channels, background: background as { r: number } } });

  test.each([
    ['png', { r: 200, g: 100, b: 50, alpha: 0.5 }, 4, [200, 100, 50, 128]],
    ['webp', { r: 200, g: 100, b: 50, alpha: 0.25 }, 4, [200, 100, 50, 64]],
    ['jpeg', { r: 200, g: 100, b: 50 }, 3, [200, 100, 50, 255]],
  ] as const)('%s: colours and alpha come through', async (format, background, channels, expected) => {
    const bytes = await solid(8, 8, background, channels)
      .toFormat(format, { quality: 100, lossless: true } as object)
      .toBuffer();
    const [picture] = await engine.pictures(load(await engine.upload(bytes, `x.${format}`)));
    const distance = [...picture!.data.subarray(0, 4)].map((value, index) => Math.abs(value - expected[index]!));
    expect(Math.max(...distance)).toBeLessThanOrEqual(3);
  });

  const plain = () => solid(8, 8, { r: 200, g: 100, b: 50 });
  const glass = () => solid(8, 8, { r: 200, g: 100, b: 50, alpha: 0.5 }, 4);
  test.each([
    ['16 bits a channel', plain().toColourspace('rgb16').png(), [200, 100, 50, 255]],
    ['16 bits with alpha', glass().toColourspace('rgb16').png(), [200, 100, 50, 128]],
    ['16 bits of grey', plain().toColourspace('grey16').png(), [128, 128, 128, 255]],
    ['a palette', plain().png({ palette: true }), [200, 100, 50, 255]],
    ['a palette with alpha', glass().png({ palette: true }), [200, 100, 50, 128]],
    ['grey with alpha', glass().toColourspace('b-w').png(), [128, 128, 128, 128]],
    ['CMYK', plain().toColourspace('cmyk').jpeg({ quality: 100 }), [200, 100, 50, 255]],
    ['GIF', plain().gif(), [200, 100, 50, 255]],
  ] as const)('%s', async (name, picture, expected) => {
    const path = join(engine.dataDir, `${name}.bin`);
    writeFileSync(path, await picture.toBuffer());
    const { image, mask } = await readPicture(path, name);
    const seen = [...image.data.subarray(0, 3), 1 - mask.data[0]!].map((value) => value * 255);
    // CMYK has no exact way back
    const tolerance = name === 'CMYK' ? 40 : 3;
    for (const [index, value] of seen.entries()) expect(Math.abs(value - expected[index]!)).toBeLessThan(tolerance);
  });

  test('grey pictures and those on their side', async () => {
    const grey = await solid(6, 4, { r: 90, g: 90, b: 90 }).greyscale().png().toBuffer();
    const [greyPicture] = await engine.pictures(load(await engine.upload(grey, 'grey.png')));
    expect([...greyPicture!.data.subarray(0, 3)]).toEqual([90, 90, 90]);
    const turned = await solid(6, 4, { r: 1, g: 2, b: 3 })
      .withExif({ IFD0: { Orientation: '6' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const [picture] = await engine.pictures(load(await engine.upload(turned, 'turned.jpg')));
    expect([picture?.width, picture?.height]).toEqual([4, 6]);
  });

  test.each<[string, () => Promise<Buffer>, RegExp]>([
    ['text renamed .png', async () => Buffer.from('just text'), /not a picture/],
    ['a truncated PNG', async () => readFileSync(photoPath).subarray(0, 3000), /damaged/],
    ['60 megapixels and more', () => solid(11_000, 6200, { r: 1, g: 2, b: 3 }).png().toBuffer(), /megapixels.*smaller/],
  ])('%s fails and says how to fix it; the engine goes on', async (name, make, message) => {
    const graph = load(await engine.upload(await make(), `${name}.png`));
    const error = await engine.client.run(graph).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'comfyui_execution_failed',
      node_type: 'LoadImage',
      message: expect.stringMatching(message),
    });
    expect(await engine.client.queue()).toEqual({ running: [], pending: [] });
  });

  test('paths outside the input folder are refused', async () => {
    for (const name of ['/etc/passwd', '../../../etc/hostname', 'x/../../../secret.png'])
      await expect(engine.client.run(load(name))).rejects.toMatchObject({ code: 'comfyui_invalid_graph' });
  });
});

describe('super-resolution', () => {
  const inference = createInference('auto');
  afterAll(() => inference.close());
  const upscale = (image: ImageBatch, name: string, tileSize = 192) =>
    upscalePicture(
      image,
      planTiles(image.width, image.height, tileSize),
      async (planes) => (await inference.run(model(name), [planes]))[0]!,
      async () => {},
    );

  test('tiles cover a picture of any size once', () => {
    for (const [width, height] of [
      [1, 1],
      [127, 129],
      [300, 40],
      [1000, 777],
    ] as const) {
      const tiles = planTiles(width, height);
      expect(tiles.reduce((sum, { core }) => sum + core.width * core.height, 0)).toBe(width * height);
      for (const { core, seen } of tiles) {
        expect(core.width).toBeLessThanOrEqual(192);
        expect(seen.x + seen.width).toBeLessThanOrEqual(width);
        expect(core.x - seen.x).toBe(Math.min(core.x, 16));
      }
    }
  });

  test.each(['4x-animevideov3', '4x-esrgan-thick'])('%s: no seam between tiles', async (name) => {
    const { image } = await readPicture(photoPath, 'photo');
    const small = resample(image, 56, 24, 'area');
    const whole = await upscale(small, name, 1000);
    const tiled = await upscale(small, name, 28);
    expect([tiled.width, tiled.height]).toEqual([224, 96]);
    const worst = whole.data.reduce((max, value, index) => Math.max(max, Math.abs(value - tiled.data[index]!)), 0);
    expect(worst * 255).toBeLessThan(1.5);
  });

  test('the network is nearer to the original than lanczos', async () => {
    const { image } = await readPicture(photoPath, 'photo');
    const small = resample(image, image.width / 4, image.height / 4, 'lanczos');
    const network = await upscale(small, '4x-esrgan-thick');
    const lanczos = resample(small, image.width, image.height, 'lanczos');
    expect(psnr(network, image)).toBeGreaterThan(psnr(lanczos, image) + 0.5);
  });

  test('WebAssembly gives the same picture as the native runtime', async () => {
    const wasm = createInference('wasm');
    const native = createInference('native');
    const input = () => ({
      data: Float32Array.from({ length: 3 * 24 * 24 }, (_, i) => ((i * 37) % 101) / 101),
      dims: [1, 3, 24, 24],
    });
    const [a, b] = await Promise.all(
      [wasm, native].map(async (runtime) => (await runtime.run(model('4x-animevideov3'), [input()]))[0]!.data),
    );
    await Promise.all([wasm.close(), native.close()]);
    const worst = Math.max(...Array.from(a!, (value, index) => Math.abs(value - b![index]!)));
    expect(worst).toBeLessThan(1e-3);
  });

  test('a broken model file is an error of the node, and the thread lives on', async () => {
    await expect(inference.run(photoPath, [{ data: new Float32Array(3), dims: [1, 3, 1, 1] }])).rejects.toThrow();
    await expect(inference.load(model('4x-animevideov3'))).resolves.toBeUndefined();
  });

  test('a result too large to hold is refused before the work', async () => {
    const graph: TestGraph = {
      image: { class_type: 'EmptyImage', inputs: { width: 2100, height: 2000, batch_size: 1, color: 0 } },
      model: { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x-animevideov3.onnx' } },
      up: { class_type: 'ImageUpscaleWithModel', inputs: { upscale_model: ['model', 0], image: ['image', 0] } },
      save: { class_type: 'PreviewImage', inputs: { images: ['up', 0] } },
    };
    await expect(engine.client.run(graph)).rejects.toThrow(/8400x8000.*smaller/);
  });
});

/** Peak signal to noise ratio in dB: more is nearer. */
function psnr(a: ImageBatch, b: ImageBatch): number {
  const error = a.data.reduce((sum, value, index) => sum + (value - b.data[index]!) ** 2, 0) / a.data.length;
  return -10 * Math.log10(error);
}
