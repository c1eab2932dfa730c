import * as z from 'zod/mini';
import type { WorkflowDefinition } from './workflow-definition.ts';

/** What is known of a parameter, as JSON Schema. */
export interface ParameterDescription {
  type?: string;
  description?: string;
  enum?: unknown[];
  /** What the graph holds when the parameter is left out. */
  default?: unknown;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  /** Step from `minimum` on, where the values are no multiples: `4` for 1, 5, 9 ... */
  'x-step'?: number;
}

/** JSON Schema of a workflow's parameters. */
export interface ParametersDescription {
  type: 'object';
  properties: Record<string, ParameterDescription>;
  required: string[];
  additionalProperties: false;
}

/** What names mean everywhere; a schema's own description goes first. */
const meanings: Record<string, string> = {
  aspect_ratio: 'shape of the picture, instead of width and height',
  batch_size: 'how many pictures',
  blend_factor: 'how much of the second picture',
  blur_radius: 'how far the blur reaches, in pixels',
  cfg: 'how strictly the prompt is followed',
  ckpt_name: 'checkpoint file on the miner',
  control_net_name: 'ControlNet file on the miner',
  denoise: 'how much is made anew: near 0 keeps the original, 1 ignores it',
  fps: 'frames a second',
  guidance: 'how strictly the prompt is followed',
  height: 'height in pixels',
  image: 'picture to start from',
  length: 'length in frames',
  lora_name: 'LoRA file on the server, with or without .safetensors',
  lyrics: 'what is sung; [verse] and [chorus] mark parts, [instrumental] is no song',
  lyrics_strength: 'how strictly the lyrics are followed',
  mask: 'which part to repaint: white is repainted',
  mask_channel: 'channel of the mask that counts; alpha: the transparent part is repainted',
  megapixels: 'size in megapixels',
  model_name: 'model file on the miner',
  motion_bucket_id: 'how much moves',
  negative_prompt: 'what to avoid, in words',
  noise_seed: 'the same as seed',
  prompt: 'what to make, in words',
  quality: 'quality of the file',
  scale: 'how many times as wide and as high',
  scale_by: 'how many times as wide and as high',
  seconds: 'length in seconds',
  seed: 'the same seed and options give the same result; default: a fresh one',
  sigma: 'how soft the blur is',
  steps: 'sampling steps',
  strength: 'how strongly it acts',
  strength_model: 'how strongly the LoRA acts',
  tags: 'style, instruments and mood, separated by commas',
  unet_name: 'diffusion model file on the miner',
  width: 'width in pixels',
};

/** Describes a workflow's parameters: names, meanings, types, ranges and the defaults that are in its graph. */
export function describeParameters(definition: WorkflowDefinition): ParametersDescription {
  const schema = z.toJSONSchema(definition.parameters, { io: 'input', unrepresentable: 'any', override }) as {
    properties?: Record<string, ParameterDescription>;
    required?: string[];
  };
  const { required = [] } = schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    // a second one of a kind means what the first does
    const description = property.description ?? meanings[name.replace(/_\d+$/, '')];
    // a required parameter has no default
    const fallback = required.includes(name) ? undefined : defaultOf(definition, name);
    return [
      name,
      { ...property, ...(description && { description }), ...(fallback !== undefined && { default: fallback }) },
    ];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required,
    additionalProperties: false,
  };
}

/** JSON Schema has no word for "4n+1", and knows a step only as a multiple. */
function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: z.core.JSONSchema.BaseSchema }) {
  // one value is a choice of one: readers of forms and tables need not know another word
  if (jsonSchema.const !== undefined) {
    jsonSchema.enum = [jsonSchema.const];
    delete jsonSchema.const;
  }
  for (const check of zodSchema._zod.def.checks ?? []) {
    const { step, offset } = (check._zod.def as { params?: { step?: number; offset?: number } }).params ?? {};
    if (step) jsonSchema[offset ? 'x-step' : 'multipleOf'] = step;
  }
}

function defaultOf({ graph, bindings, files }: WorkflowDefinition, name: string): unknown {
  const [target] = bindings[name] ?? [];
  // a file has no default, and the seed of the graph is never used
  if (!target || files[name] || /seed$/.test(name)) return undefined;
  const value = graph[target.node]?.inputs[target.input];
  if (target.values) return keyOf(target.values, value);
  return typeof value === 'number' && target.factor ? value / target.factor : value;
}

/** The parameter's value that stands for an input's: numbers come back as numbers. */
function keyOf(values: Record<string, unknown>, value: unknown): unknown {
  const key = Object.keys(values).find((name) => values[name] === value);
  return key !== undefined && /^\d+$/.test(key) ? Number(key) : key;
}
