import * as z from 'zod/mini';
import { parameterName } from '../task/option-names.ts';
import type { OptionsSchema } from '../task/schema-task.ts';

/** The schema of the parameters that a task sends, from the schema of its options. */
export function wireSchema(options: OptionsSchema): z.ZodMiniObject {
  const shape = Object.entries(options.shape).map(([name, schema]) => [parameterName(name), schema]);
  return z
    .strictObject(Object.fromEntries(shape))
    .check(...((options._zod.def.checks ?? []) as z.core.$ZodCheck<Record<string, unknown>>[]));
}
