import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { InferenceReply, InferenceRequest } from './inference-worker.ts';

/** What goes into networks and comes out: numbers and their shape. */
export interface Tensor {
  data: Float32Array | Int32Array;
  dims: readonly number[];
}

/** Runs neural networks. */
export interface Inference {
  /** Loads a model file, so that a broken one is found before the work. */
  load(model: string): Promise<void>;
  /** Runs a network: its inputs in its order, its outputs in its order. */
  run(model: string, inputs: readonly Tensor[]): Promise<Tensor[]>;
  /** Waits for what is running, then ends the thread. */
  close(): Promise<void>;
}

/** Which ONNX runtime: `native` (onnxruntime-node), `wasm` (onnxruntime-web), or the faster one that is installed. */
export type InferenceRuntime = 'auto' | 'native' | 'wasm';

/** Starts the thread that runs networks, when the first one is asked for. */
export function createInference(runtime: InferenceRuntime = 'auto'): Inference {
  const waiting = new Map<number, { resolve: (outputs: Tensor[]) => void; reject: (error: Error) => void }>();
  let worker: Worker | undefined;
  let count = 0;
  let onIdle = () => {};

  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './inference-worker.ts' : './inference-worker.js';
    const threads = Math.min(8, availableParallelism());
    const started = new Worker(new URL(file, import.meta.url), { workerData: { threads, runtime } });
    started.on('message', ({ id, outputs, error }: InferenceReply) => {
      const call = waiting.get(id);
      waiting.delete(id);
      // an idle thread must not keep the process alive
      if (!waiting.size) {
        started.unref();
        onIdle();
      }
      if (outputs) call?.resolve(outputs);
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

  async function call(model: string, inputs?: readonly Tensor[]): Promise<Tensor[]> {
    worker ??= start();
    const request: InferenceRequest = { id: count++, model, ...(inputs && { inputs }) };
    return await new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      worker?.ref();
      worker?.postMessage(request);
    });
  }

  return {
    load: async (model) => void (await call(model)),
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
