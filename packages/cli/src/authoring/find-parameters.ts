import type { BindingSource, FileParameter, Graph, GraphNode } from '@heurist/core/definition';
import { findPrompts } from './find-prompts.ts';
import { type FoundParameter, numbered, type ParameterKind } from './found-parameter.ts';
import { ancestors, isLink, literalAt, placeName, savers } from './graph-walk.ts';
import { modelFolder } from './model-folders.ts';

/** Inputs that a user would set, in any node: name of the input -> name and kind of the parameter. */
const settings: Record<string, { name?: string; kind: ParameterKind; range?: [min: number, max: number] }> = {
  width: { kind: 'side' },
  height: { kind: 'side' },
  length: { kind: 'length' },
  video_frames: { name: 'length', kind: 'length' },
  seconds: { kind: 'decimal', range: [1, 600] },
  batch_size: { kind: 'batch_size' },
  fps: { kind: 'fps' },
  frame_rate: { name: 'fps', kind: 'fps' },
  steps: { kind: 'steps' },
  cfg: { kind: 'cfg' },
  guidance: { kind: 'guidance' },
  denoise: { kind: 'denoise' },
  strength: { kind: 'decimal', range: [0, 10] },
  strength_model: { kind: 'decimal', range: [-5, 5] },
  scale_by: { kind: 'decimal', range: [0.01, 8] },
  megapixels: { kind: 'decimal', range: [0.01, 16] },
  blend_factor: { kind: 'decimal', range: [0, 1] },
  blur_radius: { kind: 'whole', range: [1, 31] },
  sigma: { kind: 'decimal', range: [0.1, 10] },
  motion_bucket_id: { kind: 'whole', range: [1, 1023] },
  tags: { kind: 'text' },
  lyrics: { kind: 'text' },
  lyrics_strength: { kind: 'decimal', range: [0, 10] },
};

/** Grids of models, by the class of the node that makes the latent: `[side, length]`. */
const grids: [className: RegExp, side: number, frames: number][] = [
  [/LTXV/, 32, 8],
  [/Wan22ImageToVideo/, 32, 4],
  [/Mochi/, 16, 6],
  [/Wan|Hunyuan|Cosmos/, 16, 4],
  [/SD3|Flux|Chroma|Qwen/, 16, 1],
  [/Latent|SVD_img2vid/, 8, 1],
];

/** Finds the inputs that a user would set: prompts, files, seed, sizes, sampling, model names. */
export function findParameters(graph: Graph): FoundParameter[] {
  const used = ancestors(graph, savers(graph));
  const nodes = Object.entries(graph).filter(([id]) => used.has(id));
  const prompts = findPrompts(graph, used);
  const taken = new Set(prompts.flatMap(({ bindings }) => bindings.map(String)));
  const free = (found: FoundParameter) => found.bindings.every((binding) => !taken.has(String(binding)));
  return [
    ...prompts,
    ...findFiles(graph, nodes),
    ...findSeeds(graph, nodes),
    ...findSettings(graph, nodes).filter(free),
    ...findModels(nodes),
  ];
}

type Entry = [id: string, node: GraphNode];

function findFiles(graph: Graph, nodes: Entry[]): FoundParameter[] {
  const files = nodes.flatMap(([id, { class_type, inputs }]) => {
    const input = {
      LoadImage: 'image',
      LoadImageMask: 'image',
      LoadAudio: 'audio',
      LoadVideo: 'file',
      VHS_LoadVideo: 'video',
    }[class_type];
    if (!input || typeof inputs[input] !== 'string') return [];
    const file: FileParameter['kind'] = /Video/.test(class_type)
      ? 'video'
      : /Audio/.test(class_type)
        ? 'audio'
        : 'image';
    const name = file === 'image' && isMask(graph, id) ? 'mask' : file;
    return [
      {
        name,
        kind: 'file' as const,
        bindings: [placeName({ node: id, input })],
        value: inputs[input],
        isRequired: true,
        file,
      },
    ];
  });
  return numbered(files);
}

/** An image of which only the mask is used. */
function isMask(graph: Graph, id: string): boolean {
  if (graph[id]?.class_type === 'LoadImageMask') return true;
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink));
  const outputs = links.filter(([from]) => from === id).map(([, output]) => output);
  return outputs.length > 0 && outputs.every((output) => output === 1);
}

/** One seed for all samplers, except those that add no noise. */
function findSeeds(graph: Graph, nodes: Entry[]): FoundParameter[] {
  const places = nodes.flatMap(([id, { inputs }]) => {
    if (inputs.add_noise === 'disable' || inputs.add_noise === false) return [];
    return ['seed', 'noise_seed'].flatMap((input) => literalAt(graph, { node: id, input }) ?? []);
  });
  const bindings = unique(places.filter(({ value }) => typeof value === 'number').map(({ place }) => placeName(place)));
  if (!bindings.length) return [];
  return [{ name: 'seed', kind: 'seed', bindings, value: places[0]!.value, isRequired: false }];
}

function findSettings(graph: Graph, nodes: Entry[]): FoundParameter[] {
  const found = nodes.flatMap(([id, { class_type, inputs }]) =>
    Object.keys(inputs).flatMap((input): FoundParameter[] => {
      const setting = Object.hasOwn(settings, input) ? settings[input] : undefined;
      // batches make sense for images only
      const isOther = input === 'batch_size' && !/LatentImage$/.test(class_type);
      if (!setting || isOther) return [];
      const literal = literalAt(graph, { node: id, input });
      if (!literal || typeof literal.value !== (setting.kind === 'text' ? 'string' : 'number')) return [];
      const { name = input, kind, range } = setting;
      const [, side = 1, frames = 1] = grids.find(([pattern]) => pattern.test(class_type)) ?? [];
      const step = kind === 'side' ? side : kind === 'length' ? frames : undefined;
      const bindings = [placeName(literal.place), ...splitSteps(graph, id, input)];
      const isRequired = kind === 'text' && name === 'tags';
      return [
        { name, kind, bindings, value: literal.value, isRequired, ...(step && { step }), ...(range && { range }) },
      ];
    }),
  );
  const hasSource = nodes.some(([, { class_type }]) => /^(VHS_)?Load(Image|Video|Audio)/.test(class_type));
  // without a source image, denoise 1 is the only useful value
  const useful = found.filter(({ kind, value }) => kind !== 'denoise' || value !== 1 || hasSource);
  return numbered(mergeEqual(mergeSpeeds(useful))).map(fitting);
}

/** The model and the file each have a frame rate: one parameter sets both, with the file's value. */
function mergeSpeeds(found: FoundParameter[]): FoundParameter[] {
  const speed = found.findLast(({ kind }) => kind === 'fps')?.value;
  return found.map((one) => (one.kind === 'fps' ? { ...one, value: speed } : one));
}

/** Drops a step that does not fit the graph's own value. */
function fitting(found: FoundParameter): FoundParameter {
  const { step, kind, value } = found;
  if (!step || (Number(value) - (kind === 'length' ? 1 : 0)) % step === 0) return found;
  return { ...found, step: 1 };
}

/** Samplers that share the steps switch over at a step, which keeps its relative place when their number changes. */
function splitSteps(graph: Graph, id: string, input: string): BindingSource[] {
  const { inputs } = graph[id]!;
  const steps = Number(inputs.steps);
  if (input !== 'steps') return [];
  return ['start_at_step', 'end_at_step'].flatMap((place): BindingSource[] => {
    const at = inputs[place];
    if (typeof at !== 'number' || at <= 0 || at >= steps) return [];
    return [{ node: id, input: place, factor: at / steps }];
  });
}

function findModels(nodes: Entry[]): FoundParameter[] {
  const found = nodes.flatMap(([id, { class_type, inputs }]) =>
    ['ckpt_name', 'unet_name', 'lora_name', 'control_net_name', 'model_name'].flatMap((input): FoundParameter[] => {
      const value = inputs[input];
      if (typeof value !== 'string' || !modelFolder(class_type, input)) return [];
      return [{ name: input, kind: 'model', bindings: [placeName({ node: id, input })], value, isRequired: false }];
    }),
  );
  return numbered(mergeEqual(found));
}

/** Inputs with the same name and value are one parameter. */
function mergeEqual(found: FoundParameter[]): FoundParameter[] {
  const merged = Map.groupBy(found, ({ name, value }) => `${name}=${value}`);
  return [...merged.values()].map((same) => {
    const steps = same.flatMap(({ step }) => step ?? []);
    const bindings = unique(same.flatMap((one) => one.bindings));
    return { ...same[0]!, bindings, ...(steps.length && { step: Math.max(...steps) }) };
  });
}

function unique<T>(values: T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
