import { isDeepStrictEqual } from 'node:util';
import type { Graph } from '@heurist/core/definition';
import { choicesOf, type InputSpec, type ObjectInfo } from './object-info.ts';

/** One thing wrong with a node, in ComfyUI's words. */
export interface GraphError {
  /** ComfyUI's name of it, such as `value_not_in_list`. */
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

/** ComfyUI's `node_errors`: node id -> what is wrong, and which outputs cannot run for it. */
export type GraphErrors = Record<string, { errors: GraphError[]; dependent_outputs: string[]; class_type: string }>;

/** What ComfyUI would say about a graph: the outputs that can run, or why none can. */
export interface GraphValidation {
  /** The graph, with values turned into the type of their input: `"64"` for an INT becomes 64. */
  graph: Graph;
  /** Output nodes that can run. */
  outputs: string[];
  nodeErrors: GraphErrors;
  /** Why nothing can run. */
  error?: GraphError;
}

/** What a validation knows besides the server's own description. */
export interface ValidationOptions {
  /** Ids of the only outputs to run (`partial_execution_targets`). */
  targets?: readonly string[] | undefined;
  /** Whether a file lies among the server's inputs. Default: all files that a graph names are there. */
  hasInputFile?: (name: string) => boolean;
}

/** What ComfyUI's code stumbles over, a broken link above all: it reports the exception. */
class Stumble extends Error {
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
 * Checks a graph as ComfyUI 0.3.64 does, with its error types, texts and shapes, against what a server says of its
 * nodes. Where ComfyUI would let a graph through that fails later, this refuses: nodes without `inputs`, values that
 * are no choice of a newer combo, cycles.
 *
 * @param source - the graph; it is not changed
 */
export function validateGraph(source: Graph, info: ObjectInfo, options: ValidationOptions = {}): GraphValidation {
  const graph = structuredClone(source);
  const refuse = (error: GraphError): GraphValidation => ({ graph, outputs: [], nodeErrors: {}, error });
  const refused = checkNodes(graph, info);
  if (refused) return refuse(refused);

  const { targets } = options;
  const outputs = Object.keys(graph).filter(
    (id) => info[graph[id]!.class_type]?.output_node && (!targets || targets.includes(id)),
  );
  if (!outputs.length) return refuse(wholeError('prompt_no_outputs', 'Prompt has no outputs', ''));

  const validator = new NodeValidator(graph, info, options);
  const good = outputs.filter((id) => validator.checkOutput(id));
  const nodeErrors = validator.nodeErrors;
  if (good.length) return { graph, outputs: good, nodeErrors };
  const details = outputs
    .flatMap((id) => nodeErrors[id]?.errors ?? [])
    .map(({ message, details }) => `${message}: ${details}`);
  const message = 'Prompt outputs failed validation';
  const error = wholeError('prompt_outputs_failed_validation', message, details.join('\n'));
  return { graph, outputs: [], nodeErrors, error };
}

function wholeError(type: string, message: string, details: string): GraphError {
  return { type, message, details, extra_info: {} };
}

function checkNodes(graph: Graph, info: ObjectInfo): GraphError | undefined {
  for (const [id, node] of Object.entries(graph)) {
    const refuse = (message: string) => wholeError('invalid_prompt', message, `Node ID '#${id}'`);
    if (typeof node?.class_type !== 'string')
      return refuse('Cannot execute because a node is missing the class_type property.');
    if (!Object.hasOwn(info, node.class_type))
      return refuse(`Cannot execute because node ${node.class_type} does not exist.`);
    if (typeof node.inputs !== 'object' || node.inputs === null || Array.isArray(node.inputs))
      return refuse('Cannot execute because a node is missing the inputs property.');
  }
  return undefined;
}

/** Checks nodes once each, from the outputs upwards. */
class NodeValidator {
  readonly nodeErrors: GraphErrors = {};
  readonly #graph: Graph;
  readonly #info: ObjectInfo;
  readonly #options: ValidationOptions;
  readonly #results = new Map<string, boolean>();
  readonly #path: string[] = [];

  constructor(graph: Graph, info: ObjectInfo, options: ValidationOptions) {
    this.#graph = graph;
    this.#info = info;
    this.#options = options;
  }

  /** Whether this output can run. If not, every node that was found wrong so far names it, as ComfyUI has it. */
  checkOutput(id: string): boolean {
    try {
      if (this.#check(id)) return true;
    } catch (error) {
      if (!(error instanceof Stumble)) throw error;
      // the exception is all that is left to say of the node
      delete this.nodeErrors[id];
      this.#report(id, 'exception_during_validation', 'Exception when validating node', error.message, {
        exception_type: error.type,
        traceback: [],
      });
      this.#results.set(id, false);
    }
    for (const error of Object.values(this.nodeErrors)) error.dependent_outputs.push(id);
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
    const node = this.#graph[id]!;
    const { required = {}, optional = {} } = this.#info[node.class_type]!.input;
    let valid = true;
    for (const [name, written] of Object.entries({ ...required, ...optional })) {
      // custom nodes describe inputs in ways of their own; what cannot be read takes anything
      const spec: InputSpec = Array.isArray(written) && written.length ? written : ['*'];
      const value = node.inputs[name];
      if (value === undefined) {
        if (!Object.hasOwn(required, name)) continue;
        this.#report(id, 'required_input_missing', 'Required input is missing', name, { input_name: name });
      } else if (Array.isArray(value)) valid = this.#checkLink(id, name, spec, value) && valid;
      else this.#checkLiteral(id, name, spec);
    }
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
    const source = typeof from === 'string' ? this.#graph[from] : undefined;
    if (!source) throw new Stumble('KeyError', typeof from === 'string' ? `'${from}'` : `${from}`);
    // Python counts negative numbers from the end
    const received = this.#info[source.class_type]!.output.at(output);
    if (received === undefined) throw new Stumble('IndexError', 'tuple index out of range');
    const [type] = spec;
    if (!typesMatch(received, type)) {
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
      if (!(error instanceof Stumble)) throw error;
      delete this.nodeErrors[from];
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

  #checkLiteral(id: string, name: string, spec: InputSpec): void {
    const { inputs } = this.#graph[id]!;
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
    inputs[name] = coerced.value;
    const upload = Object.keys(options).find((key) => key.endsWith('_upload') && options[key] === true);
    if (upload) this.#checkFile(id, name, coerced.value, upload);
    else this.#checkValue(id, name, spec, { ...info, value: coerced.value });
  }

  #checkValue(
    id: string,
    name: string,
    spec: InputSpec,
    { value, ...info }: { value: unknown; input_config: unknown },
  ) {
    const { min, max } = (spec[1] ?? {}) as { min?: number; max?: number };
    if (min !== undefined && (value as number) < min)
      this.#report(id, 'value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name, info);
    if (max !== undefined && (value as number) > max)
      this.#report(id, 'value_bigger_than_max', `Value ${value} bigger than max of ${max}`, name, info);
    const choices = choicesOf(spec);
    if (!choices || choices.includes(value)) return;
    const isLong = choices.length > 20;
    const list = isLong ? `(list of length ${choices.length})` : pythonText(choices);
    this.#report(id, 'value_not_in_list', 'Value not in list', `${name}: ${pythonRepr(value)} not in ${list}`, {
      ...info,
      input_config: isLong ? null : info.input_config,
    });
  }

  /** Inputs that are uploaded: the list of choices may be older than the upload, so nodes look at the disk. */
  #checkFile(id: string, name: string, file: unknown, upload: string): void {
    if (typeof file !== 'string')
      throw new Stumble('AttributeError', `'${pythonTypeOf(file)}' object has no attribute 'endswith'`);
    if (this.#options.hasInputFile?.(file) ?? true) return;
    const problem = `${name} - Invalid ${upload.replace('_upload', '')} file: ${file}`;
    this.#report(id, 'custom_validation_failed', 'Custom validation failed for node', problem, { input_name: name });
  }

  #report(id: string, type: string, message: string, details: string, extra_info: Record<string, unknown>): void {
    const { class_type } = this.#graph[id]!;
    this.nodeErrors[id] ??= { errors: [], dependent_outputs: [], class_type };
    this.nodeErrors[id].errors.push({ type, message, details, extra_info });
  }
}

function config([type, options = {}]: InputSpec): unknown {
  return [type, options];
}

/** ComfyUI's unions: `"IMAGE,MASK"` takes either. A list of choices matches only itself. */
function typesMatch(received: unknown, wanted: unknown): boolean {
  if (wanted === '*' || received === '*') return true;
  if (typeof received !== 'string' || typeof wanted !== 'string') return isDeepStrictEqual(received, wanted);
  const choices = wanted.split(',');
  return received.split(',').some((type) => choices.includes(type));
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
      problem: `${name}() argument must be a string${type === 'INT' ? ', a bytes-like object' : ''} or a real number, not '${pythonTypeOf(value)}'`,
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

function pythonTypeOf(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : typeof value === 'string' ? 'str' : 'dict';
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
