// Fields of replies: see `piece.ts`.
import type * as z from 'zod/mini';
import { mustBe } from './messages.ts';
import { piece } from './piece.ts';

/** Text. */
export function string(): z.ZodMiniType<string, string> {
  return piece((value) => typeof value === 'string', mustBe('text'), { type: 'string' });
}

/** A number. */
export function number(): z.ZodMiniType<number, number> {
  return piece(Number.isFinite, mustBe('a number'), { type: 'number' });
}

/** `true` or `false`. */
export function boolean(): z.ZodMiniType<boolean, boolean> {
  return piece((value) => typeof value === 'boolean', mustBe('true or false'), { type: 'boolean' });
}

/** One of these texts. */
export function oneOf<Value extends string>(values: readonly Value[]): z.ZodMiniType<Value, Value> {
  const isGood = (value: unknown) => values.includes(value as Value);
  return piece(isGood, mustBe(`one of ${values.join(', ')}`), { type: 'string', enum: values });
}
