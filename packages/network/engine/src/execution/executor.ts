import { createHash } from 'node:crypto';
import { isLink } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import type { NodeClass, NodeResult, NodeServices, RenderPreview } from '../nodes/node-class.ts';
import { createSchedule, planNodes } from './schedule.ts';

/** What happens while a prompt runs, in ComfyUI's terms. The server turns it into socket messages. */
export interface ExecutionEvents {
  cached(nodes: string[]): void;
  started(node: string): void;
  progress(node: string, value: number, max: number, preview: RenderPreview | undefined): Promise<void>;
  /** A node that returned UI data; also for a cached output node. */
  executed(node: string, ui: Record<string, unknown[]> | undefined): void;
  finished(node: string): void;
}

/** A node failed. */
export class NodeFailure extends Error {
  readonly node: string;

  constructor(node: string, cause: Error) {
    super(cause.message, { cause });
    this.node = node;
  }
}

/** The prompt was interrupted, at this node. */
export class Interrupted extends Error {
  readonly node: string;

  constructor(node: string) {
    super('Interrupted');
    this.node = node;
  }
}

/** Runs prompts one at a time, keeping the results of the last one: ComfyUI's classic cache. */
export class Executor {
  readonly #classes: ReadonlyMap<string, NodeClass>;
  readonly #services: NodeServices;
  #cache = new Map<string, NodeResult>();

  constructor(classes: ReadonlyMap<string, NodeClass>, services: NodeServices) {
    this.#classes = classes;
    this.#services = services;
  }

  /** Forgets all results. */
  clearCache(): void {
    this.#cache.clear();
  }

  /**
   * Runs the outputs and what they need.
   *
   * @throws {NodeFailure | Interrupted} finished nodes stay cached
   */
  async execute(
    prompt: Graph,
    outputs: readonly string[],
    events: ExecutionEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const keys = await this.#computeKeys(prompt);
    // results whose key is not part of this prompt are dropped, as ComfyUI does
    const wanted = new Set(keys.values());
    this.#cache = new Map([...this.#cache].filter(([key]) => wanted.has(key)));
    const cached = Object.keys(prompt).filter((id) => this.#cache.has(keys.get(id)!));
    events.cached(cached);
    const schedule = createSchedule(prompt, planNodes(prompt, outputs, new Set(cached)), outputs);
    for (let id = schedule.next(); id !== undefined; id = schedule.next()) {
      const known = this.#cache.get(keys.get(id)!);
      if (known) repeat(id, known, events);
      else await this.#runNode(prompt, id, keys, events, signal);
      schedule.done(id);
    }
  }

  async #runNode(
    prompt: Graph,
    id: string,
    keys: Map<string, string>,
    events: ExecutionEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const stopIfInterrupted = () => {
      if (signal.aborted) throw new Interrupted(id);
    };
    events.started(id);
    stopIfInterrupted();
    const { class_type, inputs } = prompt[id]!;
    try {
      const result = await this.#classes.get(class_type)!.run(this.#resolve(inputs, keys), {
        ...this.#services,
        progress: async (value, max, preview) => {
          stopIfInterrupted();
          await events.progress(id, value, max, preview);
          // a turn of the event loop, so that requests get through between two steps
          await new Promise(setImmediate);
          stopIfInterrupted();
        },
      });
      this.#cache.set(keys.get(id)!, result);
      if (result.ui) events.executed(id, result.ui);
      events.finished(id);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      throw new NodeFailure(id, error as Error);
    }
    await new Promise(setImmediate);
  }

  #resolve(inputs: Record<string, unknown>, keys: Map<string, string>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        isLink(value) ? this.#cache.get(keys.get(value[0])!)?.outputs.at(value[1]) : value,
      ]),
    );
  }

  /** A node's key: its class, literals, fingerprint and the keys of what it reads. Node ids are not part of it. */
  async #computeKeys(prompt: Graph): Promise<Map<string, string>> {
    const keys = new Map<string, string>();
    const visit = async (id: string): Promise<string> => {
      const known = keys.get(id);
      if (known) return known;
      // stands in for the key of a node in a cycle: such nodes are refused, but may be beside a good output
      keys.set(id, `${Math.random()}`);
      const { class_type, inputs } = prompt[id]!;
      const parts: unknown[] = [class_type, await this.#fingerprint(class_type, inputs)];
      for (const name of Object.keys(inputs).sort()) {
        const value = inputs[name];
        parts.push(
          name,
          isLink(value) && Object.hasOwn(prompt, value[0]) ? ['link', await visit(value[0]), value[1]] : value,
        );
      }
      const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
      keys.set(id, key);
      return key;
    };
    for (const id of Object.keys(prompt)) await visit(id);
    return keys;
  }

  async #fingerprint(class_type: string, inputs: Record<string, unknown>): Promise<string> {
    try {
      return (await this.#classes.get(class_type)?.fingerprint?.(inputs, this.#services)) ?? '';
    } catch {
      // a file that is gone: the node itself will say so
      return `${Math.random()}`;
    }
  }
}

/** Announces the earlier result of a cached output again, without running it. */
function repeat(id: string, { ui }: NodeResult, events: ExecutionEvents): void {
  events.executed(id, ui);
  events.finished(id);
}
