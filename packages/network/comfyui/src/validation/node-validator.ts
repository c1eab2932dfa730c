import { isDeepStrictEqual } from 'node:util';
import type { Graph } from '@heurist/core/definition';
import type { GraphErrors } from './graph-error.ts';
import { isLink } from './link.ts';
import { choicesOf, type InputSpec, type ObjectInfo } from './object-info.ts';
import { coerce, pythonRepr, pythonText, pythonTypeOf, unwrap } from './python-values.ts';

/** What a validation takes into account besides the server's own description. */
export interface ValidationOptions {
  /** Ids of the only outputs to run (`partial_execution_targets`). */
  targets?: readonly string[] | undefined;
  /** Whether a file lies among the server's inputs. Default: every file that a graph names is there. */
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

/** How many outputs a wrong node names: a graph of a megabyte could have thousands of both, which would be millions of names. */
const MOST_DEPENDENTS = 20;

/** Nodes in a row at most: only a cycle can have more, after the size of the graph was checked. */
const LONGEST_PATH = 1000;

/** Checks nodes once each, from the outputs upwards. */
export class NodeValidator {
  /** Without a prototype: a node may be called `constructor`. */
  readonly nodeErrors: GraphErrors = Object.create(null);
  readonly #graph: Graph;
  readonly #info: ObjectInfo;
  readonly #options: ValidationOptions;
  readonly #results = new Map<string, boolean>();
  readonly #path: string[] = [];
  /** Those that name fewer outputs than they may. */
  readonly #unfilled = new Set<GraphErrors[string]>();

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
    for (const error of this.#unfilled) {
      if (error.dependent_outputs.push(id) === MOST_DEPENDENTS) this.#unfilled.delete(error);
    }
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
    if (this.#path.length >= LONGEST_PATH) throw new Stumble('RecursionError', 'maximum recursion depth exceeded');
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
      const value = Object.hasOwn(node.inputs, name) ? node.inputs[name] : undefined;
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
    const source = typeof from === 'string' && Object.hasOwn(this.#graph, from) ? this.#graph[from] : undefined;
    if (!source) throw new Stumble('KeyError', typeof from === 'string' ? `'${from}'` : `${from}`);
    if (!Number.isInteger(output)) {
      const type = pythonTypeOf(output);
      throw new Stumble('TypeError', `tuple indices must be integers or slices, not ${type}`);
    }
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
    // null: an infinity, which JSON does not have
    const { min, max } = (spec[1] ?? {}) as { min?: number | null; max?: number | null };
    if (min != null && (value as number) < min)
      this.#report(id, 'value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name, info);
    if (max != null && (value as number) > max)
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
    const known = this.nodeErrors[id] ?? { errors: [], dependent_outputs: [], class_type };
    this.nodeErrors[id] = known;
    known.errors.push({ type, message, details, extra_info });
    if (known.dependent_outputs.length < MOST_DEPENDENTS) this.#unfilled.add(known);
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
