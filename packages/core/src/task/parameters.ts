// The vocabulary of workflow options: one name, one meaning, one check, for every package. Defaults are not here: they
// are what the graph holds. The shapes have names, so that the types of packages refer to them with their comments, and
// are no interfaces, since those do not count as shapes of a schema. The pieces are functions, so that bundlers leave out
// those that an app does not use.
import * as z from 'zod/mini';
import { fileMark } from './option-names.ts';

type Required<T> = z.ZodMiniType<T, T>;
type Optional<T> = z.ZodMiniOptional<Required<T>>;
type Shape = Record<string, z.ZodMiniType>;
type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  all: infer All extends Shape,
) => void
  ? All
  : never;

/**
 * The schema of a graph's options, put together from pieces such as `prompt` and `size(8, 2048)`.
 *
 * @param pieces - shapes; the options are theirs, and no others are taken
 */
export function options<Pieces extends Shape[]>(
  ...pieces: Pieces
): z.ZodMiniObject<Intersection<Pieces[number]>, z.core.$strict> {
  return z.strictObject(Object.assign({}, ...pieces)) as unknown as ReturnType<typeof options<Pieces>>;
}

/** The numbers that an option takes. */
export interface NumberRule {
  min: number;
  max: number;
  /** Only values `offset + n * step`, as the model's architecture wants it. Default: any. */
  step?: number;
  /** Default 0. */
  offset?: number;
}

/** A whole number; with a `step`, a value between two is refused with the two nearest that fit. */
export function whole(rule: NumberRule): Required<number> {
  const error = range('a whole number', rule);
  return z.int({ error, abort: true }).check(...limits(error, rule));
}

/** A number, fractions included. */
export function decimal(rule: NumberRule): Required<number> {
  const error = range('a number', rule);
  return z.number({ error }).check(...limits(error, rule));
}

function limits(error: string, rule: NumberRule) {
  const { min, max, step, offset = 0 } = rule;
  const checks: z.core.$ZodCheck<number>[] = [
    z.minimum(min, { error, abort: true }),
    z.maximum(max, { error, abort: true }),
  ];
  if (step) {
    const isOnGrid = (value: number) => (value - offset) % step === 0;
    checks.push(z.refine(isOnGrid, { error: ({ input }) => nearest(Number(input), rule), params: { step, offset } }));
  }
  return checks;
}

function range(kind: string, { min, max }: NumberRule): string {
  return `must be ${kind} from ${min} to ${max}`;
}

function nearest(value: number, { min, max, step = 1, offset = 0 }: NumberRule): string {
  const below = offset + Math.floor((value - offset) / step) * step;
  const near = [below, below + step].filter((candidate) => candidate >= min && candidate <= max);
  return `${value} is not ${offset ? `${step}n+${offset}` : `a multiple of ${step}`}; take ${near.join(' or ')}`;
}

/** One of a few values. */
export function oneOf<Value extends string | number>(...values: Value[]): Required<Value> {
  return z.literal(values, { error: `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}` });
}

/** Text. */
export function text(meaning: string): Required<string> {
  return z.string({ error: `must be text: ${meaning}` });
}

/** The address of a file that the network fetches. Its option must be named `<name>_url`; it crosses the wire as `<name>`. */
export function fileUrl(meaning: string): Required<string> {
  return z.string({ error: `give the address of ${meaning} as text` }).check(
    z.refine((url) => /^https?:\/\//.test(url) && URL.canParse(url), {
      error: 'must be an http(s) URL; upload a local file first with heurist.workflow.uploadFile(path)',
      params: fileMark,
    }),
  );
}

/** Shape of {@link prompt}. */
export type PromptShape = {
  /** What to make, in words. */
  prompt: Required<string>;
};
/** What to make. */
export function prompt(): PromptShape {
  return {
    prompt: text('what to make').check(z.minLength(1, { error: 'must say what to make' })),
  };
}

/** Shape of {@link negativePrompt}. */
export type NegativePromptShape = {
  /** What to avoid, in words. */
  negative_prompt: Optional<string>;
};
/** What to avoid. */
export function negativePrompt(): NegativePromptShape {
  return { negative_prompt: z.optional(text('what to avoid')) };
}

/** Shape of {@link image}. */
export type ImageShape = {
  /** http(s) URL of a PNG, JPEG or WebP. For a local file or bytes: `await heurist.workflow.uploadFile(source)`. */
  image_url: Required<string>;
};
/** The picture to start from. */
export function image(): ImageShape {
  return { image_url: fileUrl('a picture') };
}

/** Shape of {@link mask}. */
export type MaskShape = {
  /** http(s) URL of the mask, of the picture's size: white is repainted, black stays. Local files: `uploadFile`. */
  mask_url: Required<string>;
};
/** Which part to repaint. */
export function mask(): MaskShape {
  return { mask_url: fileUrl('a mask') };
}

/** Shape of {@link size}. */
export type SizeShape = {
  /** Width in pixels, a multiple of what the model works in. */
  width: Optional<number>;
  /** Height in pixels, a multiple of what the model works in. */
  height: Optional<number>;
};
/** @param multiple - what the model works in: 8, 16 or 32 pixels */
export function size(multiple: number, max: number): SizeShape {
  const side = () => z.optional(whole({ min: 64, max, step: multiple }));
  return { width: side(), height: side() };
}

/** For models that make one size only: another is refused by name. */
export function fixedSize(side: number): SizeShape {
  const only = () => z.optional(oneOf(side));
  return { width: only(), height: only() };
}

/** Shape of {@link length}. */
export type LengthShape = {
  /** Length in frames. Models take only every so many: a value between is refused with its neighbours. */
  length: Optional<number>;
};
/** @param rule - lengths that the model makes, such as 4n+1 */
export function length(rule: NumberRule): LengthShape {
  return { length: z.optional(whole(rule)) };
}

/** Shape of {@link fps}. */
export type FpsShape = {
  /** Frames a second. */
  fps: Optional<number>;
};
/** How fast, for video. */
export function fps(): FpsShape {
  return { fps: z.optional(whole({ min: 1, max: 120 })) };
}

/** Shape of {@link steps}. */
export type StepsShape = {
  /** Sampling steps: more take longer and are finer, up to a point. */
  steps: Optional<number>;
};
/** How many sampling steps. */
export function steps(rule: Partial<NumberRule> = {}): StepsShape {
  return { steps: z.optional(whole({ min: 1, max: 150, ...rule })) };
}

/** Shape of {@link cfg}. */
export type CfgShape = {
  /** Classifier-free guidance: how strictly the prompt is followed. */
  cfg: Optional<number>;
};
/** How strictly to follow the prompt. */
export function cfg(): CfgShape {
  return { cfg: z.optional(decimal({ min: 0, max: 30 })) };
}

/** Shape of {@link guidance}. */
export type GuidanceShape = {
  /** Distilled guidance: how strictly the prompt is followed. */
  guidance: Optional<number>;
};
/** The same, for models that were distilled to take it as an input. */
export function guidance(): GuidanceShape {
  return { guidance: z.optional(decimal({ min: 0, max: 30 })) };
}

/** Shape of {@link denoise}. */
export type DenoiseShape = {
  /** How much is made anew, 0 to 1: near 0 keeps the original, 1 ignores it. */
  denoise: Optional<number>;
};
/** How far to go from the original. */
export function denoise(): DenoiseShape {
  return { denoise: z.optional(decimal({ min: 0, max: 1 })) };
}

/** Shape of {@link batchSize}. */
export type BatchSizeShape = {
  /** How many pictures, all from one seed. */
  batch_size: Optional<number>;
};
/** How many at once. */
export function batchSize(): BatchSizeShape {
  return { batch_size: z.optional(whole({ min: 1, max: 8 })) };
}

/** Shape of {@link seed}. */
export type SeedShape = {
  /** The same seed and options give the same result. Default: a fresh one, told in the result. */
  seed: Optional<number>;
};
/** ComfyUI's seeds go to 2^64-1; beyond 2^53-1 JSON would not carry them whole. */
const anySeed = () => z.optional(whole({ min: 0, max: Number.MAX_SAFE_INTEGER }));
/** Where chance begins. */
export function seed(): SeedShape {
  return { seed: anySeed() };
}
