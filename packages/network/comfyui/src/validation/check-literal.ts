import type { GraphError } from './graph-error.ts';
import { choicesOf, type InputSpec } from './object-info.ts';
import { coerce, pythonEquals, pythonRepr, pythonText, pythonTypeOf, unwrap } from './python-values.ts';
import { Stumble } from './stumble.ts';

/** What becomes of a value that a graph gives: the type of its input, or an error. */
export interface Literal {
  value: unknown;
  error?: GraphError | undefined;
}

/** Lists of choices that are longer are only counted. */
const MOST_CHOICES = 20;

/**
 * Turns a value into the type of its input, and looks at its range and the choices.
 *
 * @param isTheirs - whether the class checks ranges and choices itself
 */
export function checkLiteral(name: string, spec: InputSpec, written: unknown, isTheirs: boolean): Literal {
  const [type, options = {}] = spec;
  const given = unwrap(written);
  const info = { input_name: name, input_config: [type, options], received_value: given };
  const coerced = coerce(given, type);
  if ('problem' in coerced) {
    const message = `Failed to convert an input value to a ${type} value`;
    const details = `${name}, ${pythonText(given)}, ${coerced.problem}`;
    const extra_info = { ...info, exception_message: coerced.problem };
    return { value: given, error: { type: 'invalid_input_type', message, details, extra_info } };
  }
  const { value } = coerced;
  if (isTheirs) return { value };
  const extra_info = { ...info, received_value: value };
  return { value, error: rangeError(name, spec, value, extra_info) ?? choiceError(name, spec, value, extra_info) };
}

function rangeError(
  name: string,
  [, options = {}]: InputSpec,
  value: unknown,
  extra_info: Record<string, unknown>,
): GraphError | undefined {
  const about = { details: name, extra_info };
  // whole numbers so large are rounded here, the limit too: the value that is sent is beyond a limit that looks the same
  const isBeyond = (limit: unknown) => value === limit && isRounded(value);
  if ('min' in options && (isSmaller(value, options.min, '<') || isBeyond(options.min)))
    return { type: 'value_smaller_than_min', message: `Value ${value} smaller than min of ${options.min}`, ...about };
  if ('max' in options && (isSmaller(options.max, value, '>') || isBeyond(options.max)))
    return { type: 'value_bigger_than_max', message: `Value ${value} bigger than max of ${options.max}`, ...about };
  return undefined;
}

/** Python's whole numbers up to 2^64, of which limits are made: JavaScript has only some beyond 2^53. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value as number) <= 2 ** 64;
}

function isSmaller(a: unknown, b: unknown, sign: string): boolean {
  if (isNumber(a) && isNumber(b)) return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const types = (sign === '<' ? [a, b] : [b, a]).map((value) => `'${pythonTypeOf(value)}'`);
  throw new Stumble('TypeError', `'${sign}' not supported between instances of ${types.join(' and ')}`);
}

const isNumber = (value: unknown): value is number => typeof value === 'number' || typeof value === 'boolean';

function choiceError(
  name: string,
  spec: InputSpec,
  value: unknown,
  extra_info: Record<string, unknown>,
): GraphError | undefined {
  const choices = choicesOf(spec);
  if (!choices) return undefined;
  const given = Array.isArray(value) && spec[1]?.multiselect ? value : [value];
  const wrong = given.filter((one) => !choices.some((choice) => pythonEquals(choice, one)));
  if (!wrong.length) return undefined;
  const isLong = choices.length > MOST_CHOICES;
  const list = isLong ? `(list of length ${choices.length})` : pythonText(choices);
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${name}: ${wrong.map(pythonRepr).join(', ')} not in ${list}`,
    extra_info: { ...extra_info, ...(isLong && { input_config: null }) },
  };
}
