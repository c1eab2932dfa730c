import type { PromptRunner } from '../execution/prompt-runner.ts';
import type { NodeClass, NodeServices } from '../nodes/node-class.ts';

/** What the routes work on. */
export interface RouteServices extends NodeServices {
  classes: ReadonlyMap<string, NodeClass>;
  runner: PromptRunner;
  version: string;
}
