// What a client must do wherever it runs: upload, submit, follow, wait, download, cancel, and say what went wrong.
import { Heurist, HeuristError, type HeuristOptions } from '@heurist/core';
import { UpscalerTask } from '@heurist/upscaler';

/** 16 x 12 pixels. */
export const PNG: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAABAAAAAMCAIAAADkharWAAAAFUlEQVR42mM4ESVHEmIY1TCqATsCADH48AHuEkuJAAAAAElFTkSuQmCC'),
  (character) => character.charCodeAt(0),
);

/** @throws {Error} if something is not so */
export function demand(isSo: boolean, what: string, seen?: unknown): void {
  if (!isSo) throw new Error(`This does not hold: ${what} (${JSON.stringify(seen)}).`);
}

/** Runs one task from its file to its output. */
export async function useNetwork(options: HeuristOptions): Promise<void> {
  const { workflow } = new Heurist(options);
  const image_url = await workflow.uploadFile(new Blob([PNG], { type: 'image/png' }));
  const seen: string[] = [];
  const onProgress = ({ status }: { status: string }) => seen.push(status);
  const { image } = await workflow.run(new UpscalerTask({ image_url }), { timeout: 60_000, onProgress });
  demand(image.width === 64 && image.height === 48, 'the picture is four times as wide and high', image);
  demand(seen.includes('waiting') && seen.at(-1) === 'finished', 'the task was followed', seen);
  const bytes = new Uint8Array(await (await fetch(image.url)).arrayBuffer());
  demand(bytes.length === image.size && bytes[1] === PNG[1], 'the output was downloaded', bytes.length);
  const task_id = await workflow.executeWorkflow(new UpscalerTask({ image_url }));
  const { msg } = await workflow.cancelTask(task_id);
  demand(/^canceled$|already ended/.test(msg), 'a task can be canceled', msg);
}

/** A server makes a session with its key; the token does as the key does, until it is revoked. */
export async function useSession(options: HeuristOptions): Promise<void> {
  const { workflow } = new Heurist(options);
  const { session_token, session_id } = await workflow.createSession({ task_types: ['upscaler'], user_id: 'ada' });
  const asPage = { ...options, apiKey: session_token };
  await useNetwork(asPage);
  await workflow.revokeSession({ session_id });
  const file = new Blob([PNG]);
  const error = await new Heurist(asPage).workflow.uploadFile(file).catch((reason: unknown) => reason);
  demand(HeuristError.isInstance(error) && error.code === 'unauthorized', 'a revoked session has ended', String(error));
}

/** A wrong key is refused, and the error can be told by its code. */
export async function beRefused(workflowURL: string): Promise<void> {
  const { workflow } = new Heurist({ workflowURL, apiKey: 'acme#wrong' });
  const task = new UpscalerTask({ image_url: 'https://example.com/a.png' });
  const error = await workflow.executeWorkflow(task).catch((reason: unknown) => reason);
  demand(HeuristError.isInstance(error) && error.code === 'unauthorized', 'a wrong key is refused', String(error));
}

/**
 * Follows a task that goes on for a while by its event stream. Without the stream, the client would have to ask again and again: the
 * sequencer of the test counts.
 */
export async function follow(options: HeuristOptions): Promise<void> {
  const task = new UpscalerTask({ image_url: 'https://example.com/a.png' });
  const seen: (number | undefined)[] = [];
  await new Heurist(options).workflow.run(task, { onProgress: ({ progress }) => seen.push(progress?.percent) });
  demand(seen.includes(40) && seen.includes(80), 'progress arrives', seen);
}
