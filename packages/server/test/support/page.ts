// The page of an app, as a bundler makes it: what its user does in a browser.
import { Heurist } from '@heurist/core';
import { EchoTask } from './echo-task.ts';

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What the test calls in the page. */
export interface EchoPage {
  /** Asks the app's server for a session token. */
  signIn(): Promise<string>;
  /** Submits, follows, waits, cancels and uploads. Resolves with what was seen. */
  use(apiKey: string, workflowURL: string): Promise<PageReport>;
  /** Submits tasks at the same time and waits for all. Resolves with when each was seen to end, in milliseconds since 1970. */
  waitForMany(apiKey: string, workflowURL: string, count: number): Promise<{ task_id: string; at: number }[]>;
}

interface PageReport {
  seen: string[];
  output: string;
  uploaded: number[];
  canceled: string;
}

const page: EchoPage = {
  async signIn() {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch('/api/heurist/session_create', { method: 'POST', headers });
    return ((await reply.json()) as { session_token: string }).session_token;
  },
  async use(apiKey, workflowURL) {
    const { workflow } = new Heurist({ apiKey, workflowURL });
    const seen: string[] = [];
    const onProgress = ({ status }: { status: string }) => seen.push(status);
    const { result } = await workflow.executeWorkflowAndWaitForResult(new EchoTask({}), 20_000, 10_000, { onProgress });
    const url = await workflow.uploadFile(new Blob([PNG]));
    const task_id = await workflow.executeWorkflow(new EchoTask({}));
    return {
      seen: [...new Set(seen)],
      output: await (await fetch(String(result))).text(),
      uploaded: [...new Uint8Array(await (await fetch(url)).arrayBuffer())],
      canceled: (await workflow.cancelTask(task_id)).msg,
    };
  },
  async waitForMany(apiKey, workflowURL, count) {
    const { workflow } = new Heurist({ apiKey, workflowURL });
    const wait = async () => {
      const { task_id } = await workflow.executeWorkflowAndWaitForResult(new EchoTask({}), 40_000);
      return { task_id, at: Date.now() };
    };
    return await Promise.all(Array.from({ length: count }, wait));
  },
};
Object.assign(globalThis, { echoPage: page });
