import { CONTROL, namedValues } from './named-values.ts';
import type { WidgetShape } from './node-shapes.ts';
import type { UiNode } from './ui-schema.ts';
import { undescribedInputs } from './undescribed-inputs.ts';

/**
 * The values of a node's controls by name. Files hold them by name, or as a list in the order of the controls, which only
 * the node's shape tells.
 *
 * @throws {UnknownChoice} if the list cannot be read to its end
 */
export function widgetValues(node: UiNode, widgets: readonly WidgetShape[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const named = namedValues(node);
  const list = !named && Array.isArray(node.widgets_values) ? node.widgets_values : [];
  let place = 0;
  const take = (name: string): unknown => {
    if (named) return Object.hasOwn(named, name) ? named[name] : undefined;
    const value = list[place++];
    if ((CONTROL.has(list[place]) && !CONTROL.has(value)) || isOldControl(node.type, name, list[place])) place++;
    return isOldSampler(node.type, name, value) ? value.slice('sample_'.length) : value;
  };
  const read = (shapes: readonly WidgetShape[], prefix: string): void => {
    for (const { name, default: preset, constant, isButton, choices } of shapes) {
      const saved = take(prefix + name);
      const value = constant ?? saved ?? preset;
      if (value !== undefined && !isButton) values.set(prefix + name, value);
      if (!choices) continue;
      const inside = `${prefix}${name}.`;
      if (typeof value === 'string' && Object.hasOwn(choices, value)) read(choices[value]!, inside);
      else if (named) addAll(values, named, inside);
      else throw new UnknownChoice(prefix + name, value);
    }
  };
  read(widgets, '');
  for (const [name, value] of undescribedInputs(node, list.slice(place), named))
    if (!values.has(name)) values.set(name, value);
  return values;
}

const SAMPLER = /^KSampler(Advanced)?$/;

/** In the first files, a seed was followed by whether it changes. The editor still reads them. */
function isOldControl(type: string, name: string, next: unknown): boolean {
  return SAMPLER.test(type) && /^(noise_)?seed$/.test(name) && typeof next === 'boolean';
}

/** And samplers had longer names. */
function isOldSampler(type: string, name: string, value: unknown): value is string {
  return SAMPLER.test(type) && name === 'sampler_name' && typeof value === 'string' && value.startsWith('sample_');
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
