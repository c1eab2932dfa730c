// The client inside of a server. A Worker has bindings, other runtimes have `process.env`.
import { beRefused, follow, useNetwork, useSession } from './use-network.ts';

interface Settings {
  HEURIST_API_KEY: string;
  HEURIST_WORKFLOW_URL: string;
  FOLLOW_URL: string;
  FOLLOW_KEY: string;
}

const fromEnvironment = () => (globalThis as unknown as { process: { env: Settings } }).process.env;

/** All of it. Resolves with `done`, or with what went wrong. */
export async function use(settings: Settings = fromEnvironment()): Promise<string> {
  try {
    const options = { apiKey: settings.HEURIST_API_KEY, workflowURL: settings.HEURIST_WORKFLOW_URL };
    await useNetwork(options);
    await useSession(options);
    await beRefused(settings.HEURIST_WORKFLOW_URL);
    await follow({ apiKey: settings.FOLLOW_KEY, workflowURL: settings.FOLLOW_URL });
    return 'done';
  } catch (error) {
    return `${(error as Error).stack}`;
  }
}

export default {
  async fetch(request: Request, settings: Settings): Promise<Response> {
    return new Response(request.method === 'POST' ? await use(settings) : 'ready');
  },
};
