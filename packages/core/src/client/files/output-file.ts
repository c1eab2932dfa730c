import { outputsOf } from '../../task/workflow-task.ts';
import { anySignal } from '../../wire/any-signal.ts';
import type { DownloadOptions, OutputDescription, TaskOutput, WorkflowTaskResult } from '../../wire/task-result.ts';
import { builtIn } from './built-in.ts';
import { sha256 as hashBytes } from './content-hash.ts';
import { type DownloadSettings, damaged, download } from './download.ts';
import { saveFile } from './save-file.ts';

type Methods = Pick<TaskOutput, 'bytes' | 'blob' | 'stream' | 'save'> & { toJSON(): OutputDescription };

/** Makes files of the outputs of a task, in place. Their JSON stays as it was on the wire. */
export function withFiles(
  state: WorkflowTaskResult<OutputDescription | TaskOutput>,
  settings: () => DownloadSettings,
): WorkflowTaskResult {
  // a sequencer of the reference protocol has no list of outputs
  if (!state.outputs && state.status === 'finished')
    Object.defineProperty(state, 'outputs', { value: outputsOf(state), configurable: true });
  for (const output of state.outputs ?? []) {
    if (isFile(output)) continue;
    const methods = methodsOf({ ...output }, settings);
    Object.assign(output, { size: output.bytes });
    for (const [name, value] of Object.entries(methods))
      Object.defineProperty(output, name, { value, configurable: true, enumerable: false });
  }
  return state as WorkflowTaskResult;
}

const isFile = (output: OutputDescription | TaskOutput): output is TaskOutput => typeof output.bytes === 'function';

function methodsOf(output: OutputDescription, settings: () => DownloadSettings): Methods {
  const blob = async (options: DownloadOptions = {}) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of download(output, options, settings())) chunks.push(chunk);
    const whole = new Blob(chunks, { type: output.content_type });
    await checkWhole(output, whole);
    return whole;
  };
  return {
    blob,
    bytes: async (options) => new Uint8Array(await (await blob(options)).arrayBuffer()),
    stream: ({ signal, ...options } = {}) => {
      const stop = new AbortController();
      const either = signal ? anySignal([signal, stop.signal]) : stop.signal;
      return streamOf(download(output, { ...options, signal: either }, settings()), stop);
    },
    save: async (path, options = {}) => await saveFile(output, path, options, settings()),
    toJSON: () => output,
  };
}

/** Where nothing can hash a file as it arrives. Pages without https cannot at all. */
async function checkWhole({ sha256, filename }: OutputDescription, whole: Blob): Promise<void> {
  if (!sha256 || builtIn('crypto') || !globalThis.crypto?.subtle) return;
  if ((await hashBytes(await whole.arrayBuffer())) !== sha256) throw damaged(filename);
}

/** As `ReadableStream.from`, which not every browser has; one that is canceled while it waits ends at once. */
function streamOf(
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  stop: AbortController,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel(reason) {
        stop.abort(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
