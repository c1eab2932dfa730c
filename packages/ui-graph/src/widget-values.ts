import type { WidgetShape } from './node-shapes.ts';
import type { UiNode } from './ui-schema.ts';

/** Values of the control that the editor adds after a seed: what becomes of it after each run. */
const CONTROL = new Set<unknown>(['fixed', 'increment', 'decrement', 'randomize']);

/**
 * The values of a node's controls by name. Files hold them by name, or as a list in the order of the controls, which only
 * the node's shape tells.
 */
export function widgetValues(node: UiNode, widgets: readonly WidgetShape[]): Map<string, unknown> {
  const { widgets_values: saved } = node;
  const values = new Map<string, unknown>();
  const byName = namedValues(node);
  const rest = Array.isArray(saved) ? [...saved] : [];
  const take = (name: string): unknown => {
    if (byName) return Object.hasOwn(byName, name) ? byName[name] : undefined;
    const value = rest.shift();
    if (CONTROL.has(rest[0]) && !CONTROL.has(value)) rest.shift();
    return value;
  };
  const read = (shapes: readonly WidgetShape[], prefix: string): void => {
    for (const { name, default: preset, constant, isButton, choices } of shapes) {
      const saved = take(prefix + name);
      const value = constant ?? saved ?? preset;
      if (value !== undefined && !isButton) values.set(prefix + name, value);
      if (!choices) continue;
      const inside = `${prefix}${name}.`;
      if (typeof value === 'string' && Object.hasOwn(choices, value)) read(choices[value]!, inside);
      else if (byName) addAll(values, byName, inside);
      else throw new UnknownChoice(prefix + name, value);
    }
  };
  read(widgets, '');
  if (node.type === 'CustomCombo') addCustomChoices(values, byName ?? rest);
  return values;
}

/** Of a choice that the shape does not know, a file with names still says which controls it brings. */
function addAll(values: Map<string, unknown>, named: Record<string, unknown>, prefix: string): void {
  for (const [name, value] of Object.entries(named)) if (name.startsWith(prefix)) values.set(name, value);
}

/** A list of values cannot be read past a choice that is not known: it may bring any number of controls. */
export class UnknownChoice extends Error {
  readonly input: string;
  readonly value: unknown;

  constructor(input: string, value: unknown) {
    super(`Unknown choice of ${input}: ${String(value)}`);
    this.input = input;
    this.value = value;
  }
}

/** A combo whose choices are written in the node: the class describes none of them, and takes all. */
function addCustomChoices(values: Map<string, unknown>, saved: Record<string, unknown> | unknown[]): void {
  const entries = Array.isArray(saved)
    ? saved.map((value, index) => [index ? `option${index}` : 'index', value] as const)
    : Object.entries(saved).filter(([name]) => /^(index|option\d+)$/.test(name));
  for (const [name, value] of entries) values.set(name, value);
}

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
  const values: Record<string, unknown> = {};
  let place = 0;
  for (const [name, value] of Object.entries(names)) {
    // the second of two controls with the same name has no name of its own
    if (CONTROL.has(saved[place]) && !CONTROL.has(value)) place++;
    values[name] = saved[place++];
  }
  return values;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A prompt as the editor sends it: without comments; of `{a|b}`, where the editor draws one, the first. */
export function pickPrompt(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return expandChoices(text);
}

function expandChoices(text: string): string {
  let result = '';
  // per open brace: whether its first choice has ended
  const ended: boolean[] = [];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    const isEscaped = letter === '\\' && /[{}|]/.test(text[index + 1] ?? '');
    if (isEscaped) index++;
    const written = isEscaped ? text[index]! : letter;
    if (!isEscaped && letter === '{') ended.push(false);
    else if (!isEscaped && letter === '}' && ended.length) ended.pop();
    else if (!isEscaped && letter === '|' && ended.length) ended[ended.length - 1] = true;
    else if (!ended.includes(true)) result += written;
  }
  return result;
}
