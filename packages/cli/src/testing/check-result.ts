import { isOfKind, nameOfType } from './file-kinds.ts';
import type { Measured } from './measure-output.ts';
import { meanDifference, type Pixels } from './pixels.ts';
import type { Expectation, Wanted } from './test-file-schema.ts';

/** What came of a task. */
export interface TestResult {
  outputs: readonly Measured[];
  /** What the workflow said. */
  text: string;
  runSeconds: number;
  /** The picture of `like`; absent if there is none yet. */
  stored?: Pixels | undefined;
}

/** An expectation that was not met. */
export interface Miss {
  /** The field of `expect`, with the number of the output: `width of output 2`. */
  what: string;
  expected: string;
  got: string;
}

/** What of a result is not as expected. */
export function checkResult(expected: Expectation, result: TestResult): Miss[] {
  const { count, run_seconds, text_contains = [], kind } = expected;
  const { outputs, text, runSeconds } = result;
  return [
    ...range('count', count, outputs.length),
    ...(kind === undefined ? [] : kinds(kind, outputs)),
    ...measures(expected, outputs),
    ...looks(expected, outputs),
    ...(expected.like ? likeness(expected.like, result) : []),
    ...range('run_seconds', run_seconds, runSeconds),
    ...[text_contains].flat().flatMap((part) => (text.includes(part) ? [] : [missing(part, text)])),
  ];
}

/** Whether a number is as wanted, in words if it is not. */
function range(what: string, wanted: Wanted | undefined, got: number | undefined): Miss[] {
  if (wanted === undefined) return [];
  const { min = 0, max = Number.POSITIVE_INFINITY } =
    typeof wanted === 'number' ? { min: wanted, max: wanted } : wanted;
  if (got !== undefined && got >= min && got <= max) return [];
  return [{ what, expected: inWords(wanted), got: got === undefined ? 'unknown' : rounded(got) }];
}

function inWords(wanted: Wanted): string {
  if (typeof wanted === 'number') return String(wanted);
  const { min, max } = wanted;
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

const rounded = (value: number) => String(Number(value.toFixed(3)));

type Kinds = NonNullable<Expectation['kind']>;

function kinds(kind: Kinds, outputs: readonly Measured[]): Miss[] {
  const wanted = Array.isArray(kind) ? kind : outputs.map(() => kind);
  const isMet = outputs.length > 0 && wanted.length === outputs.length;
  if (isMet && outputs.every(({ type }, index) => isOfKind(type, wanted[index]!))) return [];
  return [{ what: 'kind', expected: [kind].flat().join(', '), got: cameAs(outputs) }];
}

/** The formats of outputs, for messages. */
const cameAs = (outputs: readonly Measured[]) => outputs.map(({ type }) => nameOfType(type)).join(', ') || 'no output';

/** Numbers of each output that has them. */
function measures({ width, height, media_seconds }: Expectation, outputs: readonly Measured[]): Miss[] {
  const of = (
    what: string,
    wanted: Wanted | undefined,
    types: RegExp,
    got: (output: Measured) => number | undefined,
  ) => (wanted === undefined ? [] : each(what, types, outputs, (name, output) => range(name, wanted, got(output))));
  return [
    ...of('width', width, /^(image|video)\//, (output) => output.width),
    ...of('height', height, /^(image|video)\//, (output) => output.height),
    ...of('media_seconds', media_seconds, /^(video|audio)\//, (output) => output.seconds),
  ];
}

function looks({ not_blank }: Expectation, outputs: readonly Measured[]): Miss[] {
  if (!not_blank) return [];
  return each('not_blank', /^image\//, outputs, (what, { pixels, blank }) =>
    pixels && !blank ? [] : [{ what, expected: 'a picture that shows something', got: blank ?? 'unknown' }],
  );
}

/** The same check of each output of some types. Without any, nothing was checked, which is a miss; so is one that is damaged. */
function each(
  what: string,
  types: RegExp,
  outputs: readonly Measured[],
  check: (what: string, output: Measured) => Miss[],
): Miss[] {
  const kinds = types.source.replaceAll(/[^a-z|]/g, '').split('|');
  const found = outputs.filter(({ type }) => types.test(type));
  if (!found.length) return [{ what, expected: `an output that is ${kinds.join(' or ')}`, got: cameAs(outputs) }];
  return found.flatMap((output) => {
    const name = outputs.length > 1 ? `${what} of output ${outputs.indexOf(output) + 1}` : what;
    if (!output.damage) return check(name, output);
    return [{ what: name, expected: 'a file that can be read', got: output.damage }];
  });
}

function likeness({ file, tolerance }: NonNullable<Expectation['like']>, { outputs, stored }: TestResult): Miss[] {
  const miss = (expected: string, got: string): Miss[] => [{ what: 'like', expected, got }];
  const pixels = outputs.find((output) => output.pixels)?.pixels;
  if (!pixels) return miss(`a picture like ${file}`, cameAs(outputs));
  if (!stored) return miss(`a picture like ${file}`, 'no such file: store this one with --update');
  const size = ({ width, height }: Pixels) => `${width}x${height}`;
  if (size(stored) !== size(pixels)) return miss(`${size(stored)}, the size of ${file}`, size(pixels));
  const difference = meanDifference(stored, pixels);
  if (difference <= tolerance) return [];
  return miss(`a mean difference to ${file} of at most ${tolerance}`, rounded(difference));
}

/** How much of a text is shown. */
const LONGEST_TEXT = 80;

function missing(part: string, text: string): Miss {
  const begin = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return { what: 'text_contains', expected: JSON.stringify(part), got: text ? JSON.stringify(begin) : 'no text' };
}
