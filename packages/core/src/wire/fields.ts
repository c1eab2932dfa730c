import * as z from 'zod/mini';
import { mustBe } from './messages.ts';
import { printable } from './printable.ts';

// The fields of requests. zod/mini has no messages of its own, so every check needs one. No message repeats a key.

export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodMiniObject<Shape, z.core.$loose> {
  return z.looseObject(shape, { error: mustBe('a JSON object') });
}

/** An object whose unknown fields are dropped: for what is kept or passed on. */
export function exactObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodMiniObject<Shape, z.core.$strip> {
  return z.object(shape, { error: mustBe('a JSON object') });
}

const charactersOf = (max: number, min: number) => `${min ? `${min} to` : 'at most'} ${max} characters`;

export function text(max: number, min = 0) {
  const error = mustBe(`text of ${charactersOf(max, min)}`);
  return z.string({ error }).check(...(min ? [z.minLength(min, { error })] : []), z.maxLength(max, { error }));
}

/** Text that others will see: its control characters are left out. */
export function shownText(max: number, min = 0) {
  return text(max, min).check(z.overwrite(printable));
}

interface Range {
  min?: number;
  max?: number;
}

export function number(what: string, range: Range = {}) {
  const error = mustBe(what);
  return z.number({ error }).check(...within(range, error));
}

export function wholeNumber(what: string, range: Range = {}) {
  const error = mustBe(what);
  return z.int({ error }).check(...within(range, error));
}

function within({ min, max }: Range, error: ReturnType<typeof mustBe>) {
  return [
    ...(min === undefined ? [] : [z.minimum(min, { error })]),
    ...(max === undefined ? [] : [z.maximum(max, { error })]),
  ];
}

export function oneOf<const Values extends readonly string[]>(...values: Values) {
  return z.enum(values, { error: mustBe(`one of ${values.join(', ')}`) });
}

export function listOf<Item extends z.ZodMiniType>(item: Item, max: number, min = 0) {
  const error = mustBe(`a list of ${min ? `${min} to` : 'at most'} ${max} items`);
  return z.array(item, { error }).check(...(min ? [z.minLength(min, { error })] : []), z.maxLength(max, { error }));
}

/** A map with at most so many entries, whose keys others will see. */
export function shownMap<Value extends z.ZodMiniType>(value: Value, most: number, longestKey = 200) {
  const error = mustBe(`a JSON object of at most ${most} entries with keys of ${charactersOf(longestKey, 0)}`);
  const isShort = (map: object) => Object.keys(map).length <= most;
  return z.record(shownText(longestKey), value, { error }).check(z.refine(isShort, { error }));
}

export function mapOf<Value extends z.ZodMiniType>(value: Value, longestKey = Infinity, shortestKey = 0) {
  const isLimited = longestKey < Infinity;
  const key: z.ZodMiniType<string, string> = isLimited ? text(longestKey, shortestKey) : z.string();
  // what is wrong with a key is reported as wrong with the map
  const keys = isLimited ? ` with keys of ${charactersOf(longestKey, shortestKey)}` : '';
  return z.record(key, value, { error: mustBe(`a JSON object${keys}`) });
}

export function nullish<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.optional(z.nullable(schema));
}

/** Outputs of a task at most. */
export const MOST_OUTPUTS = 1000;

/** Characters of a text output that come with the result itself. */
export const RESULT_TEXT_CHARACTERS = 10_000;

/** Characters of the longest text that names the models of a task. */
export const MODEL_KEY_CHARACTERS = 100;

export const id = text(200, 1);
export const anyText = z.string({ error: 'must be text' });
export const optionalText = nullish(anyText);
export const flag = z.boolean({ error: mustBe('true or false') });
export const anyNumber = number('a number');

/** It is sent as a header when the file is served. Behind a comma, browsers would read a second type, which counts. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;[\x20-\x2b\x2d-\x7e]*)?$/;
const mediaTypeError = mustBe('a media type of at most 100 characters without commas, such as image/png');
export const contentType = z
  .string({ error: mediaTypeError })
  .check(z.maxLength(100, { error: mediaTypeError }), z.regex(MEDIA_TYPE, { error: mediaTypeError }));
