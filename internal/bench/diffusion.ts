// What the engine adds to a sampling step (guidance, sampler, progress, previews, sockets), against the bare network call;
// and the two ONNX runtimes. A step is the difference between a long and a short run, which cancels everything around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient } from '@heurist/comfyui';
import { createEngine, type InferenceRuntime } from '@heurist/engine';
import { tinyIconsModels } from '@heurist/tiny-icons';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 9;
const [SHORT, LONG] = [20, 220];
const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));

const session = await InferenceSession.create(join(tinyIconsModels, 'checkpoints/tiny-icons/denoiser.onnx'), {
  intraOpNumThreads: 2,
  logSeverityLevel: 3,
});
const noise = (...dims: number[]) =>
  new Tensor('float32', Float32Array.from({ length: dims.reduce((a, b) => a * b) }, Math.random), dims);
// two rows: the prompt and the negative prompt
const feeds = { latent: noise(2, 12, 16, 16), sigma: noise(2), prompt: noise(2, 160) };

let seed = 0;
const graph = (steps: number) => ({
  ckpt: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'tiny-icons' } },
  pos: { class_type: 'CLIPTextEncode', inputs: { text: 'a red apple', clip: ['ckpt', 1] } },
  neg: { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['ckpt', 1] } },
  latent: { class_type: 'EmptyLatentImage', inputs: { width: 128, height: 128, batch_size: 1 } },
  sampler: {
    class_type: 'KSampler',
    inputs: {
      model: ['ckpt', 0],
      positive: ['pos', 0],
      negative: ['neg', 0],
      latent_image: ['latent', 0],
      seed: seed++,
      steps,
      cfg: 3,
      sampler_name: 'euler',
      scheduler: 'simple',
      denoise: 1,
    },
  },
  decode: { class_type: 'VAEDecode', inputs: { samples: ['sampler', 0], vae: ['ckpt', 2] } },
  save: { class_type: 'SaveImage', inputs: { images: ['decode', 0], filename_prefix: 'bench' } },
});

async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function startEngine(runtime: InferenceRuntime) {
  const engine = await createEngine({ dataDir: join(dataDir, runtime), models: [tinyIconsModels], runtime });
  const client = new ComfyClient({ url: engine.url });
  await client.run(graph(SHORT));
  return { engine, run: (steps: number) => time(() => client.run(graph(steps))) };
}

const native = await startEngine('native');
const wasm = await startEngine('wasm');
const bareCalls: number[] = [];
const nativeSteps: number[] = [];
const wasmSteps: number[] = [];
const nativeWhole: number[] = [];
const wasmWhole: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const steps = LONG - SHORT;
  bareCalls.push(
    (await time(async () => {
      for (let call = 0; call < steps; call++) await session.run(feeds);
    })) / steps,
  );
  for (const [engine, whole, each] of [
    [native, nativeWhole, nativeSteps],
    [wasm, wasmWhole, wasmSteps],
  ] as const) {
    const short = await engine.run(SHORT);
    whole.push(short);
    each.push(((await engine.run(LONG)) - short) / steps);
  }
}
const micro = (values: number[]) => summarize(values.map((value) => value * 1000));
const bare = micro(bareCalls);
printTable([
  ['one step, prompt and negative prompt', 'microseconds: median (range)', 'ratio'],
  ['bare network call (onnxruntime-node)', bare.text, '1.00'],
  ...(
    [
      ['engine, onnxruntime-node', nativeSteps],
      ['engine, WebAssembly', wasmSteps],
    ] as const
  ).map(([name, values]) => [name, micro(values).text, (micro(values).median / bare.median).toFixed(2)]),
]);
printTable([
  [`picture of ${SHORT} steps, over HTTP`, 'ms: median (range)'],
  ['onnxruntime-node', summarize(nativeWhole).text],
  ['WebAssembly', summarize(wasmWhole).text],
]);
await Promise.all([native.engine.close(), wasm.engine.close()]);
rmSync(dataDir, { recursive: true });
process.exit(0);
