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

/** One of these texts. */
export function oneOf<Value extends string>(values: readonly Value[]): z.ZodMiniType<Value, Value> {
  const isGood = (value: unknown) => values.includes(value as Value);
  return piece(isGood, mustBe(`one of ${values.join(', ')}`), { type: 'string', enum: values });
}
