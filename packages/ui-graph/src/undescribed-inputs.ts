import { asRecord } from './named-values.ts';
import type { UiNode } from './ui-schema.ts';

/** Reads the inputs of a class from what is left of its values: a list, or by name. */
type Reader = (left: readonly unknown[], named: Record<string, unknown>) => [name: string, value: unknown][];

/** Classes that take inputs which `/object_info` does not list: their controls are added in the editor. */
const READERS: Record<string, Reader> = {
  // its choices are written in the node
  CustomCombo: (left, named) => [
    ...left.map((value, index): [string, unknown] => [index ? `option${index}` : 'index', value]),
    ...Object.entries(named).filter(([name]) => /^(index|option\d+)$/.test(name)),
  ],
  // any number of LoRAs
  'Power Lora Loader (rgthree)': (left) =>
    left.filter((value) => asRecord(value)?.lora !== undefined).map((value, index) => [`lora_${index + 1}`, value]),
};

/** What a node of such a class is sent besides; of values saved by name, all that are plain. */
export function undescribedInputs(
  { type, widgets_values: saved }: UiNode,
  left: readonly unknown[],
  named: Record<string, unknown> | undefined,
): [name: string, value: unknown][] {
  if (Object.hasOwn(READERS, type)) return READERS[type]!(left, named ?? {});
  // packs that save an object have controls that depend on others: a format brings its quality
  return Object.entries(asRecord(saved) ?? {}).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value));
}
