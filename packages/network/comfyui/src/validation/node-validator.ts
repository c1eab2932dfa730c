import type { Graph } from '@heurist/core/definition';
import { MAX_CHAIN } from '@heurist/server-kit/graph-size';
import { configOf, followLink, typeError } from './check-link.ts';
import { checkLiteral } from './check-literal.ts';
import type { GraphError, GraphErrors } from './graph-error.ts';
import { type LiveInput, liveInputs } from './live-inputs.ts';
import { checkSections, type InputSpec, type ObjectInfo, readSpec } from './object-info.ts';
import { askClass, looksAt, ownCheckOf } from './own-checks.ts';
import { Stumble } from './stumble.ts';

/** What a validation takes into account besides the server's own description. */
export interface ValidationOptions {
  /** Ids of the only outputs to run (`partial_execution_targets`). */
  targets?: readonly string[] | undefined;
  /** Whether a file lies among the server's inputs. Default: every file that a graph names is there. */
  hasInputFile?: (name: string) => boolean;
}

/** A node's own errors, and whether it and all above it can run. */
interface Verdict {
  isValid: boolean;
  errors: GraphError[];
}

/** How many nodes an error names at most: a graph of a megabyte could have thousands of both, which would be millions of names. */
const MOST_NAMED = 20;

/** Checks nodes once each, from the outputs upwards. */
export class NodeValidator {
  /** Without a prototype: a node may be called `constructor`. */
  readonly nodeErrors: GraphErrors = Object.create(null);
  readonly #graph: Graph;
  readonly #info: ObjectInfo;
  readonly #hasInputFile: (name: string) => boolean;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #path: string[] = [];
  /** Nodes with errors that name fewer outputs than they may. */
  readonly #unfilled = new Set<string>();

  constructor(graph: Graph, info: ObjectInfo, { hasInputFile = () => true }: ValidationOptions) {
    this.#graph = graph;
    this.#info = info;
    this.#hasInputFile = hasInputFile;
  }

  /** Whether this output can run. If not, every node that was found wrong so far names it, as ComfyUI has it. */
  checkOutput(id: string): boolean {
    try {
      if (this.#check(id).isValid) return true;
    } catch (error) {
      if (!(error instanceof Stumble)) throw error;
      // the exception is all that is left to say of the node
      const extra_info = { exception_type: error.type, traceback: [] };
      const type = 'exception_during_validation';
      this.#settle(id, [{ type, message: 'Exception when validating node', details: error.message, extra_info }]);
    }
    for (const wrong of this.#unfilled) {
      const { class_type } = this.#graph[wrong]!;
      const { errors } = this.#verdicts.get(wrong)!;
      this.nodeErrors[wrong] ??= { errors, dependent_outputs: [], class_type };
      if (this.nodeErrors[wrong].dependent_outputs.push(id) === MOST_NAMED) this.#unfilled.delete(wrong);
    }
    return false;
  }

  #settle(id: string, errors: GraphError[], isValid = false): Verdict {
    const verdict = { isValid, errors };
    this.#verdicts.set(id, verdict);
    if (errors.length && !this.nodeErrors[id]) this.#unfilled.add(id);
    return verdict;
  }

  #check(id: string): Verdict {
    const known = this.#verdicts.get(id);
    if (known) return known;
    if (this.#path.includes(id)) return this.#settleCycle(id);
    // only a cycle can have more, after the size of the graph was checked
    if (this.#path.length >= MAX_CHAIN) throw new Stumble('RecursionError', 'maximum recursion depth exceeded');
    this.#path.push(id);
    try {
      const { isValid, errors } = this.#checkNode(id);
      // a cycle through the node was settled meanwhile
      const before = this.#verdicts.get(id);
      return this.#settle(id, [...(before?.errors ?? []), ...errors], isValid && !errors.length && !before);
    } finally {
      this.#path.pop();
    }
  }

  /** Every node of a cycle is told of it. */
  #settleCycle(id: string): Verdict {
    const ids = this.#path.slice(this.#path.indexOf(id));
    const named = [...ids, id].map((one) => `${one} (${this.#graph[one]!.class_type})`);
    const details = shorten(named, '...').join(' -> ');
    const cycle_nodes = shorten(ids, '...');
    for (const node_id of ids) {
      const extra_info = { node_id, cycle_nodes };
      this.#settle(node_id, [{ type: 'dependency_cycle', message: 'Dependency cycle detected', details, extra_info }]);
    }
    return this.#verdicts.get(id)!;
  }

  #checkNode(id: string): Verdict {
    const { class_type, inputs } = this.#graph[id]!;
    if (!inputs) throw new Stumble('KeyError', "'inputs'");
    const about = this.#info[class_type]!;
    checkSections(about.input);
    const live = liveInputs(about, inputs);
    const own = ownCheckOf(class_type, about, live);
    const verdict: Verdict = { isValid: true, errors: [] };
    const linked = new Map<string, unknown>();
    for (const [name, input] of live) {
      const spec = readSpec(input.written);
      const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      if (value === undefined) verdict.errors.push(...missing(name, input));
      else if (Array.isArray(value)) {
        const link = followLink(name, spec, value, this.#graph, this.#info);
        if (!('error' in link)) linked.set(name, link.type);
        const error = 'error' in link ? link.error : own?.checksLinks ? undefined : typeError(name, spec, link, value);
        if (error) verdict.errors.push(error);
        else if ('from' in link) verdict.isValid = this.#checkSource(link.from, name, spec, value) && verdict.isValid;
      } else {
        const literal = checkLiteral(name, spec, value, !!own && looksAt(own, name));
        inputs[name] = literal.value;
        if (literal.error) verdict.errors.push(literal.error);
      }
    }
    if (own) verdict.errors.push(...askClass(own, { inputs, live, linked }, this.#hasInputFile));
    return verdict;
  }

  #checkSource(from: string, name: string, spec: InputSpec, link: unknown): boolean {
    try {
      return this.#check(from).isValid;
    } catch (error) {
      if (!(error instanceof Stumble)) throw error;
      const extra_info = {
        input_name: name,
        input_config: configOf(spec),
        exception_message: error.message,
        exception_type: error.type,
        traceback: [],
        linked_node: link,
      };
      const type = 'exception_during_inner_validation';
      this.#settle(from, [
        { type, message: 'Exception when validating inner node', details: error.message, extra_info },
      ]);
      return false;
    }
  }
}

function missing(name: string, { isRequired }: LiveInput): GraphError[] {
  if (!isRequired) return [];
  const message = 'Required input is missing';
  return [{ type: 'required_input_missing', message, details: name, extra_info: { input_name: name } }];
}

/** The first and the last ones of a long list. */
function shorten(list: readonly string[], gap: string): string[] {
  if (list.length <= MOST_NAMED) return [...list];
  return [...list.slice(0, MOST_NAMED / 2), gap, ...list.slice(-MOST_NAMED / 2)];
}
