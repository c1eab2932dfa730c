import { optionName } from '@heurist/core/definition';
import * as core from '@heurist/core/parameters';
import * as z from 'zod/mini';
import type { FoundParameter } from './found-parameter.ts';
import { placeName } from './graph-walk.ts';
import { printCode } from './print-code.ts';

/** A piece of an options schema, as code and as the schema that the code makes. */
export interface OptionPiece {
  /** Code of the piece, such as `size(8, 2048)`. */
  code: string;
  /** Names that the code imports from `@heurist/core/parameters`. */
  imports: string[];
  shape: Record<string, z.ZodMiniType>;
  /** For an option outside the vocabulary: its own field. */
  own?: { option: string; type: string; meaning: string };
}

type Shape = Record<string, z.ZodMiniType>;

/** Options of the vocabulary, by name. */
const vocabulary: Record<string, [code: string, shape: () => Shape]> = {
  prompt: ['prompt', core.prompt],
  negative_prompt: ['negativePrompt', core.negativePrompt],
  image: ['image', core.image],
  mask: ['mask', core.mask],
  fps: ['fps', core.fps],
  steps: ['steps', core.steps],
  cfg: ['cfg', core.cfg],
  guidance: ['guidance', core.guidance],
  denoise: ['denoise', core.denoise],
  batch_size: ['batchSize', core.batchSize],
  seed: ['seed', core.seed],
};

const LARGEST_SIDE = 2048;
const LONGEST = 257;

/** The pieces of the schema that takes these parameters. */
export function optionPieces(parameters: readonly FoundParameter[]): OptionPiece[] {
  const sides = sizeOf(parameters);
  return parameters.flatMap((parameter): OptionPiece[] => {
    const { name, value } = parameter;
    if (sides && name === 'height') return [];
    if (sides && name === 'width') return [sides];
    if (name === 'length' && parameter.kind === 'length') return [lengthPiece(parameter)];
    const known = Object.hasOwn(vocabulary, name) && isOfVocabulary(parameter) ? vocabulary[name] : undefined;
    // the vocabulary takes whole numbers only, where a graph may have fractions
    const isWhole =
      typeof value !== 'number' || Number.isInteger(value) || ['cfg', 'guidance', 'denoise'].includes(name);
    // their pieces are required, which not every graph needs
    const isOptional = ['prompt', 'image', 'mask'].includes(name) && !parameter.isRequired;
    // some services take smaller seeds than ComfyUI
    const isNarrow = name === 'seed' && parameter.range !== undefined;
    if (known && isWhole && !isOptional && !isNarrow)
      return [{ code: `${known[0]}()`, imports: [known[0]], shape: known[1]() }];
    return [ownPiece(parameter)];
  });
}

/** An option may have been given the name of another. */
function isOfVocabulary({ name, kind, file }: FoundParameter): boolean {
  return kind === name || (file === 'image' && (name === 'image' || name === 'mask'));
}

/** Width and height are one piece if the graph has both, with the same step. */
function sizeOf(parameters: readonly FoundParameter[]): OptionPiece | undefined {
  const [width, height] = ['width', 'height'].map((side) => parameters.find(({ name }) => name === side));
  const isPair = width?.kind === 'side' && height?.kind === 'side' && width.step === height.step;
  if (!isPair || Math.min(Number(width.value), Number(height.value)) < 64) return undefined;
  const { step = 1 } = width;
  const max = Math.max(LARGEST_SIDE, Number(width.value), Number(height.value));
  return { code: `size(${step}, ${max})`, imports: ['size'], shape: core.size(step, max) };
}

function lengthPiece({ value, step = 1 }: FoundParameter): OptionPiece {
  const rule = { min: 1, max: Math.max(LONGEST, Number(value)), ...(step > 1 && { step, offset: 1 }) };
  const code = Object.entries(rule).map(([name, number]) => `${name}: ${number}`);
  return { code: `length({ ${code.join(', ')} })`, imports: ['length'], shape: core.length(rule) };
}

function ownPiece(parameter: FoundParameter): OptionPiece {
  const { name, isRequired, bindings } = parameter;
  const option = optionName(name, parameter.file !== undefined);
  const { code, imports, schema, type } = field(parameter);
  const optional = isRequired ? code : `optional(${code})`;
  const place = bindings.map(placeName)[0];
  const one = type === 'file' ? 'FileField' : `z.ZodMiniType<${type}, ${type}>`;
  return {
    code: optional,
    imports: isRequired ? imports : [...imports, 'optional'],
    shape: { [option]: isRequired ? schema : core.optional(schema) },
    own: {
      option,
      type: isRequired ? one : `z.ZodMiniOptional<${one}>`,
      meaning: parameter.file ? `URL or content of the file for \`${place}\`.` : `Value of \`${place}\` in the graph.`,
    },
  };
}

interface Field {
  code: string;
  imports: string[];
  schema: z.ZodMiniType;
  type: 'string' | 'number' | 'file';
}

function field({ kind, file, step = 1, value, range, choices }: FoundParameter): Field {
  if (file)
    return {
      code: `fileUrl('a file')`,
      imports: ['fileUrl', 'type FileField'],
      schema: core.fileUrl('a file'),
      type: 'file',
    };
  if (choices) {
    const code = `oneOf(${choices.map((choice) => printCode(choice, 0)).join(', ')})`;
    return { code, imports: ['oneOf'], schema: core.oneOf(...choices), type: 'string' };
  }
  if (typeof value === 'string')
    return {
      code: `text('${meaningOf(kind)}')`,
      imports: ['text'],
      schema: core.text(meaningOf(kind)),
      type: 'string',
    };
  const [min, max] = range ?? rangeOf(kind);
  const rule = { min: Math.min(min, Number(value)), max: Math.max(max, Number(value)), ...(step > 1 && { step }) };
  const isWhole = Number.isInteger(value) && kind !== 'decimal';
  const [name, make] = isWhole ? (['whole', core.whole] as const) : (['decimal', core.decimal] as const);
  const numbers = Object.entries(rule).map(([key, number]) => `${key}: ${number}`);
  return { code: `${name}({ ${numbers.join(', ')} })`, imports: [name], schema: make(rule), type: 'number' };
}

function meaningOf(kind: FoundParameter['kind']): string {
  if (kind === 'model') return 'the name of a model file';
  return kind === 'prompt' || kind === 'negative_prompt' ? 'the prompt' : 'any text';
}

/** The vocabulary's range, for a second parameter of a kind and for numbers with fractions. */
function rangeOf(kind: FoundParameter['kind']): [min: number, max: number] {
  if (kind === 'side' || kind === 'length') return [1, 16_384];
  const [schema] = Object.values(vocabulary[kind]?.[1]() ?? {});
  const { minimum = -1e6, maximum = 1e6 } = schema ? z.toJSONSchema(schema, { io: 'input' }) : {};
  return [minimum, maximum];
}
