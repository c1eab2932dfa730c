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
  return type === 'COMBO' ? (options?.options as unknown[] | undefined) : undefined;
}
