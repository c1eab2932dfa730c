// The vocabulary of workflow options: one name, one meaning and one check for all packages. Defaults are not here: they
// are in the graphs. The shapes are named types, so that declarations of packages refer to them and keep their comments;
// interfaces would not be accepted as shapes of a schema. The pieces are functions, so that bundlers drop those that an
// app does not use. Packages make schemas from them alone and import zod for types only: a second copy would be loaded with it.
import * as z from 'zod/mini';
import { got, mustBe } from '../wire/messages.ts';
import { piece } from '../wire/piece.ts';
import type { FileInput } from './file-content.ts';
import { fileMark } from './option-names.ts';

type Required<T> = z.ZodMiniType<T, T>;
/** Takes a URL or what is in a file; on the wire it is a URL. */
export type FileField = z.ZodMiniType<string, FileInput>;
type Optional<T> = z.ZodMiniOptional<Required<T>>;
type Shape = Record<string, z.ZodMiniType>;
type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  all: infer All extends Shape,
) => void
  ? All
  : never;

/**
 * Combines pieces such as `prompt()` and `size(8, 2048)` into the schema of a graph's options. Other options are refused.
 *
 * @param pieces - shapes: option -> schema
 */
export function options<Pieces extends Shape[]>(
  ...pieces: Pieces
): z.ZodMiniObject<Intersection<Pieces[number]>, z.core.$strict> {
  return z.strictObject(Object.assign({}, ...pieces), {
    error: mustBe('an object of options'),
  }) as unknown as ReturnType<typeof options<Pieces>>;
}

/** Makes something when it is first asked for, and then keeps it: schemas cost time, and few programs use every one. */
// @__NO_SIDE_EFFECTS__
export function atFirstUse<Made>(make: () => Made): () => Made {
  let made: { value: Made } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * The options of a package's graphs, each made at its first use.
 *
 * @param makers - workflow id -> what makes its schema
 */
// @__NO_SIDE_EFFECTS__
export function perGraph<Makers extends Record<string, () => z.ZodMiniObject>>(
  makers: Makers,
): { readonly [Id in keyof Makers]: ReturnType<Makers[Id]> } {
  const schemas = {} as { [Id in keyof Makers]: ReturnType<Makers[Id]> };
  for (const [id, make] of Object.entries(makers))
    Object.defineProperty(schemas, id, { get: atFirstUse(make), enumerable: true });
  return schemas;
}

/** An option that may be left out. */
export function optional<Schema extends z.ZodMiniType>(schema: Schema): z.ZodMiniOptional<Schema> {
  return z.optional(schema);
}

/**
 * A rule over several options, for `options(...).check(rule(...))`.
 *
 * @param holds - whether the options follow it
 * @param option - the option that messages name
 * @param message - continues the name: `is an alias of ...`
 */
export function rule<Options>(
  holds: (options: Options) => boolean,
  option: string,
  message: string,
): z.core.$ZodCheck<Options> {
  return z.refine(holds, { error: message, path: [option] });
}

/** The numbers that an option accepts. */
export interface NumberRule {
  /** Smallest value. */
  min: number;
  /** Largest value. */
  max: number;
  /** Accept only `offset + n * step`, as the model's architecture requires. Default: any value. */
  step?: number | undefined;
  /** Default 0. */
  offset?: number | undefined;
}

/** A whole number. With a `step`, the error for a value in between names the two nearest values that fit. */
export function whole(rule: NumberRule): Required<number> {
  return number(rule, Number.isSafeInteger, 'a whole number', 'integer');
}

/** A number; fractions are allowed. */
export function decimal(rule: NumberRule): Required<number> {
  return number(rule, Number.isFinite, 'a number', 'number');
}

function number(
  { min, max, step, offset = 0 }: NumberRule,
  isOfKind: (value: unknown) => boolean,
  kind: string,
  type: string,
): Required<number> {
  const isInRange = (value: unknown): value is number =>
    isOfKind(value) && (value as number) >= min && (value as number) <= max;
  const error = mustBe(`${kind} from ${min} to ${max}`);
  return piece(
    (value) => isInRange(value) && !(step && (value - offset) % step),
    ({ input }) => (step && isInRange(input) ? nearest(input, step, offset, isInRange) : error({ input })),
    // JSON Schema cannot say "4n+1": it knows only multiples
    { type, minimum: min, maximum: max, ...(step && { [offset ? 'x-step' : 'multipleOf']: step }) },
  );
}

function nearest(value: number, step: number, offset: number, isInRange: (value: number) => boolean): string {
  const below = offset + Math.floor((value - offset) / step) * step;
  const near = [below, below + step].filter(isInRange);
  return `must be ${offset ? `${step}n+${offset}` : `a multiple of ${step}`}${got(value)}: use ${near.join(' or ')}`;
}

/** One of a few values. */
export function oneOf<Value extends string | number>(...values: Value[]): Required<Value> {
  return listed(values, values);
}

/** One of these texts, or another spelling of one of them. Tables and forms list the texts alone. */
export function oneSpelled(values: readonly string[], otherSpellings: readonly string[]): Required<string> {
  return listed(values, [...values, ...otherSpellings]);
}

function listed<Value extends string | number>(values: readonly Value[], accepted: readonly Value[]): Required<Value> {
  return piece(
    (value) => accepted.includes(value as Value),
    mustBe(`${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`),
    { type: typeof values[0], enum: values },
  );
}

/**
 * Text.
 *
 * @param meaning - what it says, for messages: `the name of a LoRA`
 * @param ifEmpty - how to fix it if it is empty: `name a LoRA`. Default: it may be empty.
 */
export function text(meaning: string, ifEmpty?: string): Required<string> {
  const error = mustBe(`text: ${meaning}`);
  return piece(
    (value) => typeof value === 'string' && !(ifEmpty && !value),
    (issue) => (issue.input === '' ? `must not be empty: ${ifEmpty}` : error(issue)),
    { type: 'string', ...(ifEmpty && { minLength: 1 }) },
  );
}

/**
 * A file: its URL, which the network fetches, or what is in it, which is uploaded at the submit. The option must be named
 * `<name>_url`; on the wire it is `<name>`, a URL. Text is always a URL: what a visitor types never becomes a path.
 *
 * @param meaning - what the file is, for messages: `an image`
 */
export function fileUrl(meaning: string): FileField {
  const error = mustBe(`an http(s) URL of ${meaning}`);
  return piece<string>(
    // with blanks around it, as people paste addresses: whoever parses it drops them
    (url) => typeof url === 'string' && /^\s*https?:\/\//i.test(url) && URL.canParse(url),
    ({ input }) => {
      if (typeof input !== 'string') return error({ input });
      // what is in a file is not repeated, such as base64 or the text of an SVG
      const shown = input.replace(/^(data:|blob:).*|^([a-z][\w+.-]*:)?.{200,}$/is, '$1$2...');
      return `${error({ input: shown })}. For a local file: file(path) of @heurist/core/node, or heurist.workflow.uploadFile(path)`;
    },
    { type: 'string' },
    fileMark,
  ) as z.ZodMiniType as FileField;
}

/** Shape of {@link prompt}. */
export type PromptShape = {
  /** Describes what to make. */
  prompt: Required<string>;
};
/** What to make. Required, and not empty. */
export function prompt(): PromptShape {
  return { prompt: text('what to make', 'describe what to make') };
}

/** Shape of {@link negativePrompt}. */
export type NegativePromptShape = {
  /** Describes what to avoid. */
  negative_prompt: Optional<string>;
};
/** What to avoid. */
export function negativePrompt(): NegativePromptShape {
  return { negative_prompt: z.optional(text('what to avoid')) };
}

/** Shape of {@link image}. */
export type ImageShape = {
  /**
   * PNG, JPEG or WebP: its http(s) URL, a Blob or File, bytes, a stream, or `file('./a.png')` of `@heurist/core/node`. Uploaded at the
   * submit, unless it is a URL.
   */
  image_url: FileField;
};
/** The image to start from. */
export function image(): ImageShape {
  return { image_url: fileUrl('an image') };
}

/** Shape of {@link mask}. */
export type MaskShape = {
  /** The mask, as large as the image: white is repainted, black is kept. A URL, Blob, bytes, stream or `file('./mask.png')`. */
  mask_url: FileField;
};
/** The area to repaint. */
export function mask(): MaskShape {
  return { mask_url: fileUrl('a mask') };
}

/** Shape of {@link size} and {@link fixedSize}. */
export type SizeShape = {
  /** Width in pixels. Must be a multiple of 8, 16 or 32, depending on the model. */
  width: Optional<number>;
  /** Height in pixels. Must be a multiple of 8, 16 or 32, depending on the model. */
  height: Optional<number>;
};
/**
 * Width and height, from 64 pixels up.
 *
 * @param multiple - the model's grid: 8, 16 or 32 pixels
 * @param max - longest side in pixels
 */
export function size(multiple: number, max: number): SizeShape {
  const side = () => z.optional(whole({ min: 64, max, step: multiple }));
  return { width: side(), height: side() };
}

/** Width and height of a model that makes one size only, in pixels. */
export function fixedSize(side: number): SizeShape {
  const only = () => z.optional(oneOf(side));
  return { width: only(), height: only() };
}

/** Shape of {@link length}. */
export type LengthShape = {
  /** Length in frames. Models accept only some lengths: the error for another names the two nearest. */
  length: Optional<number>;
};
/**
 * Length of a video in frames.
 *
 * @param rule - lengths that the model can make, such as 4n+1 frames
 */
export function length(rule: NumberRule): LengthShape {
  return { length: z.optional(whole(rule)) };
}

/** Shape of {@link fps}. */
export type FpsShape = {
  /** Frames per second. */
  fps: Optional<number>;
};
/** Frame rate of a video. */
export function fps(): FpsShape {
  return { fps: z.optional(whole({ min: 1, max: 120 })) };
}

/** Shape of {@link steps}. */
export type StepsShape = {
  /** Sampling steps: more steps take longer and add detail, up to a point. */
  steps: Optional<number>;
};
/**
 * Number of sampling steps.
 *
 * @param rule - default: 1 to 150
 */
export function steps(rule: Partial<NumberRule> = {}): StepsShape {
  return { steps: z.optional(whole({ min: 1, max: 150, ...rule })) };
}

/** Shape of {@link cfg}. */
export type CfgShape = {
  /** Classifier-free guidance: how closely to follow the prompt. */
  cfg: Optional<number>;
};
/** Classifier-free guidance. */
export function cfg(): CfgShape {
  return { cfg: z.optional(decimal({ min: 0, max: 30 })) };
}

/** Shape of {@link guidance}. */
export type GuidanceShape = {
  /** Distilled guidance: how closely to follow the prompt. */
  guidance: Optional<number>;
};
/** Guidance of models that were distilled to take it as an input. */
export function guidance(): GuidanceShape {
  return { guidance: z.optional(decimal({ min: 0, max: 30 })) };
}

/** Shape of {@link denoise}. */
export type DenoiseShape = {
  /** How much to change, from 0 to 1: values near 0 keep the original, 1 ignores it. */
  denoise: Optional<number>;
};
/** How far the result may differ from the original. */
export function denoise(): DenoiseShape {
  return { denoise: z.optional(decimal({ min: 0, max: 1 })) };
}

/** Shape of {@link batchSize}. */
export type BatchSizeShape = {
  /** Number of images, all made from one seed. */
  batch_size: Optional<number>;
};
/** Number of images to make at once. */
export function batchSize(): BatchSizeShape {
  return { batch_size: z.optional(whole({ min: 1, max: 8 })) };
}

/** Shape of {@link seed}. */
export type SeedShape = {
  /** The same seed and options give the same result. Default: random; the result reports it. */
  seed: Optional<number>;
};
/** Seed of the noise. ComfyUI's seeds go up to 2^64-1, but JSON numbers are exact only up to 2^53-1. */
export function seed(): SeedShape {
  return { seed: z.optional(whole({ min: 0, max: Number.MAX_SAFE_INTEGER })) };
}
