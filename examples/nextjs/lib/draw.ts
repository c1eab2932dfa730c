// What the page does with the network, without React.
import { Heurist, HeuristError, type WaitOptions } from '@heurist/core';
import { Text2ImageTask } from '@heurist/text2image';

/** A picture that was drawn. */
export interface Drawing {
  task_id: string;
  url: string;
}

/** Draws in the name of the visitor, directly at the sequencer: progress and pictures do not pass through the server of this app. */
export async function draw(prompt: string, workflowURL: string, options: WaitOptions): Promise<Drawing> {
  const apiKey = await createSession(options.signal);
  const heurist = new Heurist({ apiKey, workflowURL });
  const { image, task_id } = await heurist.workflow.run(new Text2ImageTask({ prompt }), {
    timeout: 60_000,
    ...options,
  });
  return { task_id, url: image.url };
}

/** A token of this visitor: the route handler makes it. */
async function createSession(signal: AbortSignal | undefined): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch('/api/heurist/session_create', { method: 'POST', headers, signal: signal ?? null });
  const { session_token, code, message } = await reply.json();
  if (!reply.ok) throw new HeuristError(message, { code });
  return session_token;
}
