import type { InputSpec, NodeClass, NodeServices } from './node-class.ts';

/** A node of a prompt. */
interface PromptNode {
  class_type: string;
  inputs: Record<string, unknown>;
}

/** A prompt in ComfyUI's API format. */
export type Prompt = Record<string, PromptNode>;

/** One thing wrong with a node, in ComfyUI's words. */
interface NodeError {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

/** ComfyUI's `node_errors`. */
type NodeErrors = Record<string, { errors: NodeError[]; dependent_outputs: string[]; class_type: string }>;

/** What ComfyUI says about a prompt: the outputs that can run, or why none can. */
export interface Validation {
  outputs: string[];
  nodeErrors: NodeErrors;
  error?: NodeError;
}

type Classes = ReadonlyMap<string, NodeClass>;

/** A broken link: ComfyUI reports what its code stumbles over. */
class BrokenLink extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** `["id", output]` is a link; every other array is malformed. */
export function isLink(value: unknown): value is [id: string, output: number] {
  return Array.isArray(value) && value.length === 2;
}

/**
 * Checks a prompt as ComfyUI does, with its error types, texts and shapes. Coerced values (`"64"` for an INT) are
 * written back into the prompt. Where ComfyUI would let a prompt through that later kills it, this refuses: nodes
 * without `inputs`, values that are no choice of a newer combo, cycles.
 *
 * @param targets - ids of the only outputs to run (`partial_execution_targets`)
 */
export function validatePrompt(
  prompt: Prompt,
  classes: Classes,
  services: NodeServices,
  targets?: readonly string[],
): Validation {
  const refused = checkNodes(prompt, classes);
  if (refused) return refuse(refused);

  const outputs = Object.keys(prompt).filter(
    (id) => classes.get(prompt[id]!.class_type)?.isOutput && (!targets || targets.includes(id)),
  );
  if (!outputs.length) return refuse(wholeError('prompt_no_outputs', 'Prompt has no outputs', ''));

  const validator = new NodeValidator(prompt, classes, services);
  const good = outputs.filter((id) => validator.checkOutput(id));
  const nodeErrors = validator.nodeErrors;
  if (good.length) return { outputs: good, nodeErrors };
  const details = outputs
    .flatMap((id) => nodeErrors[id]?.errors ?? [])
    .map(({ message, details }) => `${message}: ${details}`);
  return {
    outputs: [],
    nodeErrors,
    error: wholeError('prompt_outputs_failed_validation', 'Prompt outputs failed validation', details.join('\n')),
  };
}

function refuse(error: NodeError): Validation {
  return { outputs: [], nodeErrors: {}, error };
}

function wholeError(type: string, message: string, details: string): NodeError {
  return { type, message, details, extra_info: {} };
}

function checkNodes(prompt: Prompt, classes: Classes): NodeError | undefined {
  for (const [id, node] of Object.entries(prompt)) {
    const refuse = (message: string) => wholeError('invalid_prompt', message, `Node ID '#${id}'`);
    if (typeof node?.class_type !== 'string')
      return refuse('Cannot execute because a node is missing the class_type property.');
    if (!classes.has(node.class_type)) return refuse(`Cannot execute because node ${node.class_type} does not exist.`);
    if (typeof node.inputs !== 'object' || node.inputs === null || Array.isArray(node.inputs))
      return refuse('Cannot execute because a node is missing the inputs property.');
  }
  return undefined;
}

/** Checks nodes once each, from the outputs upwards. */
class NodeValidator {
  readonly nodeErrors: NodeErrors = {};
  readonly #prompt: Prompt;
  readonly #classes: Classes;
  readonly #services: NodeServices;
  readonly #results = new Map<string, boolean>();
  readonly #path: string[] = [];

  constructor(prompt: Prompt, classes: Classes, services: NodeServices) {
    this.#prompt = prompt;
    this.#classes = classes;
    this.#services = services;
  }

  /** Whether this output can run. Every node error above it learns that it depends on it. */
  checkOutput(id: string): boolean {
    try {
      if (this.#check(id)) return true;
    } catch (error) {
      if (!(error instanceof BrokenLink)) throw error;
      this.#report(id, 'exception_during_validation', 'Exception when validating node', error.message, {
        exception_type: error.type,
        traceback: [],
      });
      this.#results.set(id, false);
    }
    for (const ancestor of this.#ancestors(id)) this.nodeErrors[ancestor]?.dependent_outputs.push(id);
    return false;
  }

  #check(id: string): boolean {
    const known = this.#results.get(id);
    if (known !== undefined) return known;
    if (this.#path.includes(id)) {
      const cycle = [...this.#path.slice(this.#path.indexOf(id)), id].join(' -> ');
      this.#report(id, 'dependency_cycle', 'Dependency cycle', cycle, {});
      return false;
    }
    this.#path.push(id);
    try {
      const valid = this.#checkInputs(id) && !this.nodeErrors[id]?.errors.length;
      this.#results.set(id, valid);
      return valid;
    } finally {
      this.#path.pop();
    }
  }

  #checkInputs(id: string): boolean {
    const node = this.#prompt[id]!;
    const nodeClass = this.#classes.get(node.class_type)!;
    let valid = true;
    for (const [name, spec] of Object.entries(nodeClass.input(this.#services))) {
      const value = node.inputs[name];
      if (value === undefined)
        this.#report(id, 'required_input_missing', 'Required input is missing', name, { input_name: name });
      else if (Array.isArray(value)) valid = this.#checkLink(id, name, spec, value) && valid;
      else this.#checkLiteral(id, name, spec, nodeClass);
    }
    this.#checkCustom(id, nodeClass);
    return valid;
  }

  #checkLink(id: string, name: string, spec: InputSpec, link: unknown[]): boolean {
    const info = { input_name: name, input_config: config(spec) };
    if (!isLink(link)) {
      const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
      this.#report(id, 'bad_linked_input', message, name, { ...info, received_value: link });
      return false;
    }
    const [from, output] = link;
    const source = typeof from === 'string' ? this.#prompt[from] : undefined;
    if (!source) throw new BrokenLink('KeyError', typeof from === 'string' ? `'${from}'` : `${from}`);
    const received = this.#classes.get(source.class_type)!.output[output];
    if (received === undefined) throw new BrokenLink('IndexError', 'tuple index out of range');
    const [type] = spec;
    if (typeof type !== 'string' || !typesMatch(received, type)) {
      const details = `${name}, received_type(${received}) mismatch input_type(${typeof type === 'string' ? type : 'COMBO'})`;
      this.#report(id, 'return_type_mismatch', 'Return type mismatch between linked nodes', details, {
        ...info,
        received_type: received,
        linked_node: link,
      });
      return false;
    }
    return this.#checkSource(from, info, link);
  }

  #checkSource(from: string, info: object, link: unknown): boolean {
    try {
      return this.#check(from);
    } catch (error) {
      if (!(error instanceof BrokenLink)) throw error;
      const type = 'exception_during_inner_validation';
      this.#report(from, type, 'Exception when validating inner node', error.message, {
        ...info,
        exception_message: error.message,
        exception_type: error.type,
        traceback: [],
        linked_node: link,
      });
      this.#results.set(from, false);
      return false;
    }
  }

  #checkLiteral(id: string, name: string, spec: InputSpec, nodeClass: NodeClass): void {
    const { inputs } = this.#prompt[id]!;
    const [type, options = {}] = spec;
    const given = unwrap(inputs[name]);
    const info = { input_name: name, input_config: config(spec), received_value: given };
    const coerced = coerce(given, type);
    if ('problem' in coerced) {
      const message = `Failed to convert an input value to a ${type} value`;
      const details = `${name}, ${pythonText(given)}, ${coerced.problem}`;
      this.#report(id, 'invalid_input_type', message, details, { ...info, exception_message: coerced.problem });
      return;
    }
    const { value } = coerced;
    inputs[name] = value;
    if (nodeClass.validate?.inputs.includes(name)) return;
    const { min, max } = options as { min?: number; max?: number };
    if (min !== undefined && (value as number) < min)
      this.#report(id, 'value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name, info);
    if (max !== undefined && (value as number) > max)
      this.#report(id, 'value_bigger_than_max', `Value ${value} bigger than max of ${max}`, name, info);
    const choices = choicesOf(spec);
    if (choices && !choices.includes(value)) {
      const list = choices.length > 20 ? `(list of length ${choices.length})` : pythonText(choices);
      this.#report(id, 'value_not_in_list', 'Value not in list', `${name}: ${pythonRepr(value)} not in ${list}`, {
        ...info,
        input_config: choices.length > 20 ? null : info.input_config,
      });
    }
  }

  #checkCustom(id: string, { validate }: NodeClass): void {
    const { inputs } = this.#prompt[id]!;
    if (!validate || validate.inputs.some((name) => inputs[name] === undefined || Array.isArray(inputs[name]))) return;
    const problem = validate.check(inputs, this.#services);
    if (!problem) return;
    for (const name of validate.inputs)
      this.#report(id, 'custom_validation_failed', 'Custom validation failed for node', `${name} - ${problem}`, {
        input_name: name,
      });
  }

  #report(id: string, type: string, message: string, details: string, extra_info: Record<string, unknown>): void {
    const { class_type } = this.#prompt[id]!;
    this.nodeErrors[id] ??= { errors: [], dependent_outputs: [], class_type };
    this.nodeErrors[id].errors.push({ type, message, details, extra_info });
  }

  #ancestors(id: string, seen = new Set<string>()): Set<string> {
    if (seen.has(id) || !this.#prompt[id]) return seen;
    seen.add(id);
    for (const value of Object.values(this.#prompt[id].inputs)) if (isLink(value)) this.#ancestors(value[0], seen);
    return seen;
  }
}

function config([type, options = {}]: InputSpec): unknown {
  return [type, options];
}

/** ComfyUI's unions: `"IMAGE,MASK"` takes either. */
function typesMatch(received: string, wanted: string): boolean {
  if (wanted === '*' || received === '*') return true;
  const choices = wanted.split(',');
  return received.split(',').some((type) => choices.includes(type));
}

function choicesOf([type, options]: InputSpec): readonly unknown[] | undefined {
  if (Array.isArray(type)) return type;
  return type === 'COMBO' ? (options?.options as unknown[] | undefined) : undefined;
}

/** A list literal can be passed only wrapped: `{"__value__": [...]}`. */
function unwrap(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '__value__' in value ? value.__value__ : value;
}

/** Python's conversions, as far as a JSON value can meet them. */
function coerce(value: unknown, type: unknown): { value: unknown } | { problem: string } {
  if (type === 'STRING') return { value: pythonText(value) };
  if (type === 'BOOLEAN') return { value: Array.isArray(value) ? value.length > 0 : Boolean(value) };
  if (type !== 'INT' && type !== 'FLOAT') return { value };
  const name = type === 'INT' ? 'int' : 'float';
  if (value === null || typeof value === 'object')
    return {
      problem: `${name}() argument must be a string${type === 'INT' ? ', a bytes-like object' : ''} or a real number, not '${value === null ? 'NoneType' : Array.isArray(value) ? 'list' : 'dict'}'`,
    };
  const number = typeof value === 'string' && !value.trim() ? Number.NaN : Number(value);
  const isWhole = typeof value !== 'string' || /^\s*[+-]?\d+\s*$/.test(value);
  if (Number.isNaN(number) || (type === 'INT' && !isWhole))
    return {
      problem:
        type === 'INT'
          ? `invalid literal for int() with base 10: ${pythonRepr(value)}`
          : `could not convert string to float: ${pythonRepr(value)}`,
    };
  return { value: type === 'INT' ? Math.trunc(number) : number };
}

/** Python's `str()` of a JSON value. */
function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Python's `repr()` of a JSON value. */
function pythonRepr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `'${key}': ${pythonRepr(inner)}`)
      .join(', ')}}`;
  return String(value);
}
