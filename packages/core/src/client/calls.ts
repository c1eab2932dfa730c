// Everything that a client needs once it makes a call, and not before: HTTP, waiting, uploads, and what replies must look like.
// It is imported at the first call (`on-first-use.ts`), so that an import of the package costs next to nothing.
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { DownloadSettings } from './files/download.ts';
import { withFiles } from './files/output-file.ts';
import { waitForTask as wait } from './wait-for-task.ts';

export { createClientTransport } from './client-transport.ts';
export { uploadOnce, withUrls } from './files/upload.ts';
export { runMany } from './run-many.ts';

type WaitCalls = Parameters<typeof wait>[0] & { files: () => DownloadSettings };
type WaitRest = Parameters<typeof wait> extends [unknown, ...infer Rest] ? Rest : never;

/** Waits; outputs that the caller sees have their methods. */
export async function waitForTask(calls: WaitCalls, ...[submitted, budget, options, clock]: WaitRest) {
  const { onProgress } = options;
  const seen = onProgress && ((state: WorkflowTaskResult) => onProgress(withFiles(state, calls.files)));
  return withFiles(await wait(calls, submitted, budget, { ...options, onProgress: seen }, clock), calls.files);
}
