import { asRecord, CONTROL } from './named-values.ts';
import type { NodeShape } from './node-shapes.ts';
import { pickPrompt } from './pick-prompt.ts';
import type { UiNode } from './ui-schema.ts';

/** Controls that the editor adds: what becomes of a seed, and the button of an upload. */
const EDITOR_CONTROL = /^(control_after_generate(#\d+)?|upload)$/;

/**
 * The shape of a class that nobody described, as far as the file has names for all values of a node. A text with `{a|b}` or a comment
 * may be sent as it is or not, which only the class says: then there is none.
 */
export function shapeInFile({ widgets_values: saved, widgets_values_named: named }: UiNode): NodeShape | undefined {
  const values = asRecord(named);
  if (!values) return undefined;
  const list = Array.isArray(saved) ? saved : [];
  const isOpen = [...Object.values(values), ...list].some((value) => pickPrompt(value) !== value);
  if (isOpen || list.length > Object.keys(values).length) return undefined;
  const names = Object.keys(values).filter((name) => !(EDITOR_CONTROL.test(name) && isControl(values[name])));
  // the file does not say which types these have
  return { widgets: names.map((name) => ({ name, type: '*' })), outputs: [] };
}

const isControl = (value: unknown) => CONTROL.has(value) || value === 'image' || value === 'audio' || value === 'video';
