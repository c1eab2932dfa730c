import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Ground, type Served, serveWorkflows } from './serve-workflows.ts';

/** A sequencer and a miner whose workflows can be replaced, at the same address. */
export class ReplaceableServing {
  readonly url: string;
  readonly #ground: Ground;
  #workflows: readonly WorkflowDefinition[];
  #served: Served;
  /** One change after the other. */
  #changes: Promise<void> = Promise.resolve();

  static async start(ground: Ground, workflows: readonly WorkflowDefinition[], port: number) {
    return new ReplaceableServing(ground, workflows, await serveWorkflows(ground, workflows, port));
  }

  private constructor(ground: Ground, workflows: readonly WorkflowDefinition[], served: Served) {
    this.url = served.url;
    this.#ground = ground;
    this.#workflows = workflows;
    this.#served = served;
  }

  get apiKey() {
    return this.#served.keys.consumer;
  }

  get checks() {
    return this.#served.checks;
  }

  /** Serves others from now on; the old ones if that fails. */
  async replace(workflows: readonly WorkflowDefinition[]): Promise<void> {
    const change = this.#changes.then(() => this.#replace(workflows));
    this.#changes = change.catch(() => {});
    await change;
  }

  /** Whether a task runs, which `close` would wait for. */
  get isBusy() {
    return this.#served.isBusy();
  }

  /** @param options - `withinMs`: how long the running task may take; default: any time */
  async close(options?: { withinMs?: number }): Promise<void> {
    await this.#changes;
    await this.#served.close(options);
  }

  async #replace(workflows: readonly WorkflowDefinition[]): Promise<void> {
    const port = Number(new URL(this.url).port);
    const serve = (some: readonly WorkflowDefinition[]) => serveWorkflows(this.#ground, some, port, this.#served.keys);
    await this.#served.close();
    try {
      this.#served = await serve(workflows);
      this.#workflows = workflows;
    } catch (error) {
      this.#served = await serve(this.#workflows);
      throw error;
    }
  }
}
