import * as z from 'zod/mini';
import type { mustBe } from './messages.ts';

/**
 * The schema of one value: one check, and what it accepts in JSON Schema. Options of tasks and replies are made of it, so that a page
 * loads no more of zod than objects, lists and this. Checks that come after it see good values only.
 *
 * @param marks - of the check, to be found by others
 */
export function piece<Value>(
  isGood: (value: unknown) => boolean,
  error: ReturnType<typeof mustBe>,
  json: Readonly<Record<string, unknown>>,
  marks: object = {},
): z.ZodMiniType<Value, Value> {
  const schema = z.unknown().check(z.refine(isGood, { error, abort: true, params: { json, ...marks } }));
  // for `z.toJSONSchema`, which asks the schema that had no check first
  schema._zod.toJSONSchema = () => json;
  delete schema._zod.parent;
  return schema as z.ZodMiniType as z.ZodMiniType<Value, Value>;
}
