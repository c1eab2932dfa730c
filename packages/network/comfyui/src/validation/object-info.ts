import { pythonTypeOf } from './python-values.ts';
import { Stumble } from './stumble.ts';

/** An input as `/object_info` prints it: `[type]`, `[type, options]`, or `[[choices], options]` for older combos. */
export type InputSpec = [type: string | readonly unknown[], options?: Record<string, unknown>];

/** What a server says of a node class: the parts of an entry of `/object_info` that matter for graphs. */
export interface NodeInfo {
  input: { required?: Record<string, InputSpec> | undefined; optional?: Record<string, InputSpec> | undefined };
  /** Types of the outputs; a list of choices for older combos. */
  output: readonly (string | readonly unknown[])[];
  /** Whether it saves or shows something: a graph needs at least one such node. */
  output_node: boolean;
  deprecated?: boolean | undefined;
  experimental?: boolean | undefined;
  /** It calls a paid service. */
  api_node?: boolean | undefined;
  /** Where it comes from: `nodes`, `comfy_extras.nodes_x`, or `custom_nodes.<folder>`. */
  python_module?: string | undefined;
}

/** The answer of `/object_info`: class -> what the server says of it. */
export type ObjectInfo = Record<string, NodeInfo>;

/** The choices of a combo input, older or newer form; `undefined` for other inputs. */
export function choicesOf([type, options]: InputSpec): readonly unknown[] | undefined {
  if (Array.isArray(type)) return type;
  if (type !== 'COMBO') return undefined;
  // those of a remote list are known to the editor alone, and the server takes none of them
  return Array.isArray(options?.options) ? options.options : [];
}

/** Whether a class is ComfyUI's own, so that all that it takes and checks is known. */
export function isCoreModule(python_module: string): boolean {
  return /^(nodes|comfy_extras\..*|comfy_api_nodes\..*)$/.test(python_module);
}

/**
 * Reads how an input is described, as the server does when it checks a graph.
 *
 * @throws {Stumble} if a custom node describes it in a way that the server stumbles over
 */
export function readSpec(written: unknown): InputSpec {
  if (written === null || written === undefined) throw new Stumble('AssertionError', '');
  if (typeof written !== 'string' && !Array.isArray(written)) {
    const message = `'${pythonTypeOf(written)}' object is not subscriptable`;
    throw typeof written === 'object' ? new Stumble('KeyError', '0') : new Stumble('TypeError', message);
  }
  if (!written.length) throw new Stumble('IndexError', 'tuple index out of range');
  const [type, options = {}] = written;
  if (options === null) throw new Stumble('AssertionError', '');
  return [type, typeof options === 'object' ? options : {}];
}

/**
 * Whether the sections of inputs list inputs.
 *
 * @throws {Stumble} if one is there and does not: the server stumbles over it
 */
export function checkSections(input: NodeInfo['input']): void {
  for (const section of ['required', 'optional'] as const) {
    const inputs: unknown = input[section];
    if (inputs === null || (inputs !== undefined && typeof inputs !== 'object'))
      throw new Stumble('TypeError', `'${pythonTypeOf(inputs)}' object is not iterable`);
  }
}
