// A Worker that has no `process.env`: the settings are its bindings.
import { createHandler, type Handler } from '@heurist/server';

interface Env {
  HEURIST_API_KEY: string;
  HEURIST_WORKFLOW_URL: string;
}

let handler: Handler | undefined;

export default {
  fetch(request: Request, { HEURIST_API_KEY, HEURIST_WORKFLOW_URL }: Env): Promise<Response> {
    // once: it counts the open streams of each user
    handler ??= createHandler({
      apiKey: HEURIST_API_KEY,
      workflowURL: HEURIST_WORKFLOW_URL,
      authorize({ headers }) {
        const [, user_id] = /\buser=(\w+)/.exec(headers.get('cookie') ?? '') ?? [];
        return user_id ? { user_id, task_types: ['upscaler'], max_tasks: 5 } : undefined;
      },
    });
    return handler(request);
  },
};
