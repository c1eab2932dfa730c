// The part of an app that is the same wherever it runs: who may do what.
import { createHandler, type Permission } from '@heurist/server';

/** Your own: who is signed in, by the cookie of the request. */
const userOf = ({ headers }: Request): string | undefined => /\buser=(\w+)/.exec(headers.get('cookie') ?? '')?.[1];

/** A user who is signed in may enlarge five pictures with each session; anyone else gets 401. */
function authorize(request: Request): Permission | undefined {
  const user_id = userOf(request);
  return user_id ? { user_id, task_types: ['upscaler'], max_tasks: 5 } : undefined;
}

/** Reads `HEURIST_API_KEY` and `HEURIST_WORKFLOW_URL`. */
export const handler = createHandler({ authorize });
