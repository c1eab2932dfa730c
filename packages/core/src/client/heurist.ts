import type { HeuristOptions } from './client-options.ts';
import { Workflow } from './workflow.ts';

/**
 * Client of a Heurist network.
 *
 * ```ts
 * const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
 * const { image } = await heurist.workflow.run(new UpscalerTask({ image_url }));
 * ```
 *
 * The constructor does not look at the options: the first call checks them, and its promise rejects if they are wrong.
 *
 * @throws {HeuristError} `invalid_configuration` only on a runtime that lacks something, such as React Native without polyfills: it
 *   says what
 */
export class Heurist {
  readonly workflow: Workflow;

  constructor(options: HeuristOptions = {}) {
    this.workflow = new Workflow(options);
  }
}
