import type { NodeInfo } from './object-info.ts';
import { pythonEquals } from './python-values.ts';

/** An input that a node of a graph has. */
export interface LiveInput {
  /** As `/object_info` has it: `[type, options]`, if the node describes itself well. */
  written: unknown;
  isRequired: boolean;
}

type Values = Readonly<Record<string, unknown>>;
type Found = Map<string, LiveInput>;
/** A dynamic input under its full name: `resize_type`, or `resize_type.width` within another. */
interface Dynamic extends LiveInput {
  name: string;
  options: Record<string, unknown>;
}

/** More names than that no autogrow input has, whatever its template says. */
const MOST_NAMES = 100;

/**
 * The inputs that a node takes with these values. Most classes have the same ones always; the dynamic inputs of newer nodes stand
 * for others, which depend on what the graph gives: `resize_type.width` is there if `resize_type` is "scale dimensions".
 */
export function liveInputs({ input }: Pick<NodeInfo, 'input'>, values: Values): Found {
  const found: Found = new Map();
  collect(input, values, '', found);
  return found;
}

function collect(sections: unknown, values: Values, prefix: string, found: Found): void {
  for (const section of ['required', 'optional'])
    for (const [id, written] of Object.entries(recordOf(recordOf(sections)[section]))) {
      const [name, isRequired] = [prefix + id, section === 'required'];
      const [type, options] = Array.isArray(written) ? written : [];
      const expand = typeof type === 'string' && Object.hasOwn(DYNAMIC, type) ? DYNAMIC[type] : undefined;
      if (expand) expand({ name, written, isRequired, options: recordOf(options) }, values, found);
      else add(found, name, { written, isRequired });
    }
}

/** Of two with the same name, the required one counts. */
function add(found: Found, name: string, { written, isRequired }: LiveInput): void {
  if (isRequired || !found.get(name)?.isRequired) found.set(name, { written, isRequired });
}

const DYNAMIC: Record<string, (input: Dynamic, values: Values, found: Found) => void> = {
  /** A choice that brings inputs of its own. One that is missing or unknown brings none, and is not checked. */
  COMFY_DYNAMICCOMBO_V3: (input, values, found) => {
    const { name, options } = input;
    if (!Object.hasOwn(values, name)) return;
    const chosen = listOf(options.options).find((option) => pythonEquals(recordOf(option).key, values[name]));
    if (chosen === undefined) return;
    collect(recordOf(chosen).inputs, values, `${name}.`, found);
    add(found, name, input);
  },
  /** A row of inputs alike: it is replaced by them, and the first ones are required. */
  COMFY_AUTOGROW_V3: ({ name, options }, _values, found) => {
    const template = recordOf(options.template);
    const sections = Object.entries(recordOf(template.input));
    const [section, inputs] = sections.find(([, inputs]) => Object.keys(recordOf(inputs)).length) ?? [];
    if (!section) return;
    const [written] = Object.values(recordOf(inputs));
    for (const [index, one] of namesOf(template).entries())
      add(found, `${name}.${one}`, { written, isRequired: section === 'required' && index < Number(template.min) });
  },
  /** A link that brings inputs of its own. */
  COMFY_DYNAMICSLOT_V3: (input, values, found) => {
    const { name, options } = input;
    if (!Object.hasOwn(values, name)) return;
    collect(options.inputs, values, `${name}.`, found);
    add(found, name, input);
  },
};

function namesOf({ names, prefix, max }: Record<string, unknown>): unknown[] {
  if (Array.isArray(names)) return names;
  return Array.from({ length: Math.min(Number(max) || 0, MOST_NAMES) }, (_, index) => `${prefix}${index}`);
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
