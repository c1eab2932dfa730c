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
 * The constructor never throws: the first call checks the options, and its promise rejects if they are wrong.
 */
export class Heurist {
  readonly workflow: Workflow;

  constructor(options: HeuristOptions = {}) {
    this.workflow = new Workflow(options);
  }
}
