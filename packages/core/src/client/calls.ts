// Everything that a client needs once it makes a call, and not before: HTTP, waiting, uploads, and what replies must look like.
// It is imported at the first call (`on-first-use.ts`), so that an import of the package costs next to nothing.
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { ClientTransport } from './client-transport.ts';
import { withFiles } from './files/output-file.ts';
import { waitTogether as wait } from './shared/waits.ts';

export { createClientTransport } from './client-transport.ts';
export { uploadOnce, withUrls } from './files/upload.ts';
export { runMany } from './run-many.ts';

type WaitClient = Parameters<typeof wait>[0] & { connection: Pick<ClientTransport, 'files'> };
type WaitRest = Parameters<typeof wait> extends [unknown, ...infer Rest] ? Rest : never;

/** Waits; outputs that the caller sees have their methods. */
export async function waitTogether(client: WaitClient, ...[submitted, budget, options]: WaitRest) {
  const { onProgress } = options;
  const files = () => client.connection.files();
  const seen = onProgress && ((state: WorkflowTaskResult) => onProgress(withFiles(state, files)));
  return withFiles(await wait(client, submitted, budget, { ...options, onProgress: seen }), files);
}
