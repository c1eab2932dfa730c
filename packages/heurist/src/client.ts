import { environmentVariable } from '@heurist/server-kit/environment';
import type { ClientOptions } from './client-options.ts';
import { Images } from './images/images.ts';
import { SmartGen } from './smartgen.ts';
import { warnOnce } from './warn-once.ts';
import { Workflow } from './workflow/workflow.ts';

/**
 * Client of a Heurist network, with every name of `heurist@0.0.43`.
 *
 * ```ts
 * const heurist = new Heurist(); // reads HEURIST_API_KEY and HEURIST_WORKFLOW_URL
 * const { url } = await heurist.images.generate({ model: 'sdxl', prompt: 'a red fox' });
 * ```
 *
 * The constructor does not look at the options: the first call checks them, and its promise rejects if they are wrong.
 *
 * @throws {HeuristError} `invalid_configuration` only on a runtime that lacks something, such as React Native without polyfills: it
 *   says what
 */
export class Heurist {
  /** Not used: see {@link ClientOptions}. */
  readonly baseURL: string;
  /** Address of the sequencer; empty if none was given. */
  readonly workflowURL: string;
  /** `consumerId#apiKey`; empty if none was given. */
  readonly apiKey: string;
  readonly images: Images;
  readonly workflow: Workflow;
  /** Has no counterpart: every call says so. */
  readonly smartgen: SmartGen;

  constructor(options: ClientOptions = {}) {
    this.baseURL = options.baseURL ?? environmentVariable('HEURIST_BASE_URL') ?? '';
    this.workflowURL = options.workflowURL ?? environmentVariable('HEURIST_WORKFLOW_URL') ?? '';
    this.apiKey = options.apiKey ?? environmentVariable('HEURIST_API_KEY') ?? '';
    if (this.baseURL)
      warnOnce('`baseURL` and HEURIST_BASE_URL are not used: images are made by the network at `workflowURL`.');
    this.workflow = new Workflow({ ...options, workflowURL: options.workflowURL ?? undefined });
    this.images = new Images(this, options.models);
    this.smartgen = new SmartGen(this);
  }
}
