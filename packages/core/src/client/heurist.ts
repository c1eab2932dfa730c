import { type HeuristOptions, Workflow } from './workflow.ts';

/**
 * The client.
 *
 * ```ts
 * const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
 * const { image } = await heurist.workflow.run(new UpscalerTask({ image_url }));
 * ```
 *
 * Settings are checked by the first call, inside its promise: creating a client never throws.
 */
export class Heurist {
  readonly workflow: Workflow;

  constructor(options: HeuristOptions = {}) {
    this.workflow = new Workflow(options);
  }
}
