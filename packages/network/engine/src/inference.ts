import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { InferenceReply, InferenceRequest } from './inference-worker.ts';

/** A picture between layers: planar RGB floats, `[3, height, width]`. */
export interface Planes {
  data: Float32Array;
  width: number;
  height: number;
}

/** Runs neural networks. */
export interface Inference {
  /** Loads a model file, so that a broken one is found before the work. */
  load(model: string): Promise<void>;
  /** Runs a network on one picture. The input's memory is given away. */
  run(model: string, input: Planes): Promise<Planes>;
  /** Waits for what is running, then ends the thread. */
  close(): Promise<void>;
}

/** Which ONNX runtime: `native` (onnxruntime-node), `wasm` (onnxruntime-web), or the faster one that is installed. */
export type InferenceRuntime = 'auto' | 'native' | 'wasm';

/** Starts the thread that runs networks, when the first one is asked for. */
export function createInference(runtime: InferenceRuntime = 'auto'): Inference {
  const waiting = new Map<number, { resolve: (result: Planes) => void; reject: (error: Error) => void }>();
  let worker: Worker | undefined;
  let count = 0;
  let onIdle = () => {};

  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './inference-worker.ts' : './inference-worker.js';
    const threads = Math.min(8, availableParallelism());
    const started = new Worker(new URL(file, import.meta.url), { workerData: { threads, runtime } });
    started.on('message', ({ id, result, error }: InferenceReply) => {
      const call = waiting.get(id);
      waiting.delete(id);
      // an idle thread must not keep the process alive
      if (!waiting.size) {
        started.unref();
        onIdle();
      }
      if (result) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    // a dead thread fails what waits for it, and the next call starts a new one
    const lose = (reason: string) => {
      if (worker === started) worker = undefined;
      for (const { reject } of waiting.values()) reject(new Error(`The inference thread ended: ${reason}.`));
      waiting.clear();
      onIdle();
    };
    started.on('error', (error) => lose((error as Error).message));
    started.on('exit', (code) => lose(`exit code ${code}`));
    return started;
  }

  async function call(model: string, { data, width, height }: Planes): Promise<Planes> {
    worker ??= start();
    const request: InferenceRequest = { id: count++, model, data, width, height };
    return await new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      worker?.ref();
      worker?.postMessage(request, [data.buffer as ArrayBuffer]);
    });
  }

  return {
    load: async (model) => void (await call(model, { data: new Float32Array(0), width: 0, height: 0 })),
    run: call,
    async close() {
      // ending the thread in the middle of a native call would abort the whole process
      if (waiting.size)
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      const last = worker;
      worker = undefined;
      await last?.terminate();
    },
  };
}
