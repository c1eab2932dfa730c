import type { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { checkWorkflows, type ServerCheck, type WorkflowCheck } from './check-requirements.ts';

/** How long an answer of the ComfyUI counts, in milliseconds: models come and go. */
export const CHECK_MS = 5 * 60_000;
/** Names in one line of an error: all that dozens of workflows need would be pages. */
const MOST_NAMES = 3;

/** Knows which workflows a ComfyUI can run. */
export class Offers {
  readonly #comfyui: ComfyClient;
  readonly #workflows: readonly WorkflowDefinition[];
  readonly #clock: Clock;
  #runnable = new Map<string, ServerCheck>();
  #missing: Record<string, string[]> = {};
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(comfyui: ComfyClient, workflows: readonly WorkflowDefinition[], clock: Clock = systemClock) {
    this.#comfyui = comfyui;
    this.#workflows = workflows;
    this.#clock = clock;
  }

  /** Address of the ComfyUI. */
  get url(): string {
    return this.#comfyui.url;
  }

  /** Ids of the workflows that can run. */
  get workflowIds(): string[] {
    return [...this.#runnable.keys()];
  }

  /** What is missing for each of the others. */
  get missing(): Readonly<Record<string, string[]>> {
    return this.#missing;
  }

  /** How a workflow runs on this ComfyUI; `undefined` if it cannot. */
  find(workflow_id: string): ServerCheck | undefined {
    return this.#runnable.get(workflow_id);
  }

  /**
   * Asks the ComfyUI for the first time.
   *
   * @throws {HeuristError} if it cannot be reached, or can run none of the workflows
   */
  async load(): Promise<ServerCheck[]> {
    const checks = await this.#check();
    if (!this.#runnable.size) throw nothingToOffer(this.#comfyui.url, checks);
    return checks;
  }

  /** Asks again. If the ComfyUI does not answer, what it said before still counts. */
  async refresh(): Promise<void> {
    this.#checkedAt = this.#clock.now();
    await this.#check().catch(() => {});
  }

  /** Asks again if the last answer is too old. */
  async refreshIfStale(): Promise<void> {
    if (this.#clock.now() - this.#checkedAt > CHECK_MS) await this.refresh();
  }

  async #check(): Promise<ServerCheck[]> {
    const checks = await checkWorkflows(this.#comfyui, this.#workflows);
    const [runnable, others] = [checks.filter(canRun), checks.filter((check) => !canRun(check))];
    this.#runnable = new Map(runnable.map((check) => [check.workflow_id, check]));
    this.#missing = Object.fromEntries(others.map(({ workflow_id, missing }) => [workflow_id, missing]));
    this.#checkedAt = this.#clock.now();
    return checks;
  }
}

const canRun = ({ missing }: WorkflowCheck) => missing.length === 0;

function nothingToOffer(url: string, checks: readonly WorkflowCheck[]): HeuristError {
  const lines = checks.map(({ workflow_id, lacks: { nodes, models } }) => {
    const names = [...nodes.map((name) => `node class ${name}`), ...models.map((name) => `model file models/${name}`)];
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    return `${workflow_id} needs ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
  });
  return new HeuristError(`The ComfyUI at ${url} cannot run any of these workflows:\n${lines.join('\n')}`, {
    code: 'invalid_configuration',
  });
}
