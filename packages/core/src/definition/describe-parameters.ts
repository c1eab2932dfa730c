import * as z from 'zod/mini';
import type { WorkflowDefinition } from './workflow-definition.ts';

/** One parameter, as JSON Schema. */
export interface ParameterDescription {
  type?: string;
  description?: string;
  enum?: unknown[];
  /** Value in the graph, used when the parameter is left out. */
  default?: unknown;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  /** Step from `minimum`, when the values are not multiples of it: `4` for 1, 5, 9, ... */
  'x-step'?: number;
}

/** JSON Schema of a workflow's parameters. */
export interface ParametersDescription {
  type: 'object';
  properties: Record<string, ParameterDescription>;
  required: string[];
  additionalProperties: false;
}

/** What a name means in every workflow. A schema's own description comes first. */
const meanings: Record<string, string> = {
  aspect_ratio: 'aspect ratio of the image, instead of width and height',
  batch_size: 'number of images',
  blend_factor: 'how much of the second image to blend in',
  blur_radius: 'radius of the blur, in pixels',
  cfg: 'how closely to follow the prompt',
  ckpt_name: 'checkpoint file on the miner',
  control_net_name: 'ControlNet file on the miner',
  denoise: 'how much to change: values near 0 keep the original, 1 ignores it',
  fps: 'frames per second',
  guidance: 'how closely to follow the prompt',
  height: 'height in pixels',
  image: 'image to start from',
  length: 'length in frames',
  lora_name: 'LoRA file on the miner, with or without .safetensors',
  lyrics: 'lyrics; [verse] and [chorus] mark sections, [instrumental] means no vocals',
  lyrics_strength: 'how closely to follow the lyrics',
  mask: 'area to repaint: white is repainted, black is kept',
  mask_channel: 'channel of the mask to use; alpha repaints the transparent area',
  megapixels: 'size in megapixels',
  model_name: 'model file on the miner',
  motion_bucket_id: 'amount of motion',
  negative_prompt: 'what to avoid',
  noise_seed: 'alias of seed',
  prompt: 'what to make',
  quality: 'quality of the file',
  scale: 'scale factor',
  scale_by: 'scale factor',
  seconds: 'length in seconds',
  seed: 'the same seed and options give the same result; default: random',
  sigma: 'softness of the blur',
  steps: 'sampling steps',
  strength: 'strength of the effect',
  strength_model: 'strength of the LoRA',
  tags: 'style, instruments and mood, separated by commas',
  unet_name: 'diffusion model file on the miner',
  width: 'width in pixels',
};

/** Describes a workflow's parameters: name, meaning, type and range, and the default in its graph. */
export function describeParameters(definition: WorkflowDefinition): ParametersDescription {
  const schema = z.toJSONSchema(definition.parameters, { io: 'input', unrepresentable: 'any', override }) as {
    properties?: Record<string, ParameterDescription>;
    required?: string[];
  };
  const { required = [] } = schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    // `steps_2` means what `steps` does
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

function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: z.core.JSONSchema.BaseSchema }) {
  // forms and tables read `enum` only
  if (jsonSchema.const !== undefined) {
    jsonSchema.enum = [jsonSchema.const];
    delete jsonSchema.const;
  }
  // a piece of the vocabulary with a further check: the copy has lost its description, and its first check has not
  for (const check of zodSchema._zod.def.checks ?? [])
    Object.assign(jsonSchema, (check._zod.def as { params?: { json?: object } }).params?.json);
}

function defaultOf({ graph, bindings, files }: WorkflowDefinition, name: string): unknown {
  const [target] = bindings[name] ?? [];
  // files have no default, and the graph's seed is never used
  if (!target || files[name] || /seed$/.test(name)) return undefined;
  const value = graph[target.node]?.inputs[target.input];
  if (target.values) return keyOf(target.values, value);
  return typeof value === 'number' && target.factor ? value / target.factor : value;
}

/** The value of the parameter that writes this value to the input. */
function keyOf(values: Record<string, unknown>, value: unknown): unknown {
  const key = Object.keys(values).find((name) => values[name] === value);
  return key !== undefined && /^\d+$/.test(key) ? Number(key) : key;
}
