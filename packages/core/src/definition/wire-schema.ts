import * as z from 'zod/mini';
import { parameterNames } from '../task/option-names.ts';
import type { OptionsSchema } from '../task/schema-task.ts';
import { mustBe } from '../wire/messages.ts';

/**
 * The schema of the parameters that a task sends, from the schema of its options.
 *
 * @throws {HeuristError} `invalid_configuration` if two options set one parameter, or a file option is not named
 * `<name>_url`
 */
export function wireSchema(options: OptionsSchema): z.ZodMiniObject {
  const names = parameterNames(options);
  const shape = Object.entries(options.shape).map(([option, schema]) => [names.get(option), schema]);
  return z
    .strictObject(Object.fromEntries(shape), { error: mustBe('a JSON object') })
    .check(...((options._zod.def.checks ?? []) as z.core.$ZodCheck<Record<string, unknown>>[]));
}
