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
  const checks = (options._zod.def.checks ?? []) as Check[];
  return z
    .strictObject(Object.fromEntries(shape), { error: mustBe('a JSON object') })
    .check(...checks.map((check) => renamed(check, names)));
}

type Check = z.core.$ZodCheck<Record<string, unknown>>;

/** A check over several options reads them by their own names, and reports them by the names on the wire. */
function renamed(check: Check, names: ReadonlyMap<string, string>): Check {
  return {
    _zod: {
      ...check._zod,
      check(payload) {
        const present = [...names].filter(([, parameter]) => Object.hasOwn(payload.value, parameter));
        const options = present.map(([option, parameter]) => [option, payload.value[parameter]]);
        const inner: typeof payload = { value: Object.fromEntries(options), issues: [] };
        const report = () => {
          for (const { path = [], ...issue } of inner.issues)
            payload.issues.push({ ...issue, path: path.map((name) => names.get(String(name)) ?? name) } as never);
        };
        const checking = check._zod.check(inner);
        return checking instanceof Promise ? checking.then(report) : report();
      },
    },
  };
}
