import type { ParameterDescription } from '@heurist/core/definition';
import type { ShownOption } from './finder.ts';

/** How many choices are shown. */
const MOST_CHOICES = 6;

/** What an option takes: its type, its range, its default. */
export function optionFacts({
  rule,
  file,
  isRequired,
  isSeed,
  value,
}: Omit<ShownOption, 'places' | 'origin'>): string[] {
  return [typeOf(rule, file), ...rangeOf(rule), ...(isRequired ? requiredValue(value) : [defaultOf(isSeed, value)])];
}

function typeOf({ type, enum: choices }: ParameterDescription, file: ShownOption['file']): string {
  if (file) return file === 'file' ? 'file' : `${file} file`;
  if (choices) {
    const more = choices.length > MOST_CHOICES ? `, and ${choices.length - MOST_CHOICES} more` : '';
    return `one of ${choices.slice(0, MOST_CHOICES).join(', ')}${more}`;
  }
  if (type === 'integer') return 'whole number';
  return type === 'number' ? 'number' : 'text';
}

/** Schemas of numbers without a range name the limits of JSON. */
const isLimit = (number: number | undefined): number is number =>
  number !== undefined && Math.abs(number) < Number.MAX_SAFE_INTEGER;

function rangeOf({ minimum, maximum, multipleOf, 'x-step': step = multipleOf }: ParameterDescription): string[] {
  const [from, to] = [minimum, maximum].map((number) => (isLimit(number) ? number.toLocaleString('en') : undefined));
  const range = from && to ? [`${from} to ${to}`] : from ? [`from ${from}`] : to ? [`up to ${to}`] : [];
  return [...range, ...(step && step !== 1 ? [`in steps of ${step}`] : [])];
}

const requiredValue = (value: string): string[] => (value ? [`${value} in the file`] : []);

const defaultOf = (isSeed: boolean, value: string): string =>
  isSeed ? 'random unless set' : value ? `default ${value}` : 'empty by default';
