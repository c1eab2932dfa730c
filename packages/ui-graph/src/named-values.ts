import type { UiNode } from './ui-schema.ts';

/** Values of the control that the editor adds after a seed: what becomes of it after each run. */
export const CONTROL: ReadonlySet<unknown> = new Set(['fixed', 'increment', 'decrement', 'randomize']);

/**
 * The values by the names that the file has for them. Newer editors save both a list and names; they read the list, and
 * what was edited by hand is only there.
 */
export function namedValues({
  widgets_values: saved,
  widgets_values_named: named,
}: Pick<UiNode, 'widgets_values' | 'widgets_values_named'>): Record<string, unknown> | undefined {
  const names = asRecord(named);
  if (!names || !Array.isArray(saved) || saved.length < Object.keys(names).length) return names ?? asRecord(saved);
  let place = 0;
  const values = Object.entries(names).map(([name, value]) => {
    // the second of two controls with the same name has no name of its own
    if (CONTROL.has(saved[place]) && !CONTROL.has(value)) place++;
    return [name, saved[place++]];
  });
  // `__proto__` may be one of them
  return Object.fromEntries(values);
}

/** A value if it is an object with names. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
