import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { InferenceReply, InferenceRequest } from './messages.ts';
import type { Tensor } from './tensor.ts';

/** Runs neural networks. */
export interface Inference {
  /** Loads a model file, so that a broken one is found before the work. */
  load(model: string): Promise<void>;
  /** Runs a network. Inputs and outputs are in the order of the model file. */
  run(model: string, inputs: readonly Tensor[]): Promise<Tensor[]>;
  /** Waits for what is running, then ends the thread. */
  close(): Promise<void>;
}

/** Which ONNX runtime: `native` (onnxruntime-node), `wasm` (onnxruntime-web), or `auto`, the faster one that is installed. */
export type InferenceRuntime = 'auto' | 'native' | 'wasm';

/** More threads than this make no network of ours faster. */
const MAX_THREADS = 8;

/** Runs networks in a thread of their own, which starts with the first call. */
export function createInference(runtime: InferenceRuntime = 'auto'): Inference {
  return new InferenceThread(runtime);
}

interface Call {
  resolve(outputs: Tensor[]): void;
  reject(error: Error): void;
}

class InferenceThread implements Inference {
  readonly #runtime: InferenceRuntime;
  /** Calls without an answer, by request id. */
  readonly #calls = new Map<number, Call>();
  #worker: Worker | undefined;
  #count = 0;
  #onIdle = () => {};

  constructor(runtime: InferenceRuntime) {
    this.#runtime = runtime;
  }

  async load(model: string): Promise<void> {
    await this.#call(model);
  }

  async run(model: string, inputs: readonly Tensor[]): Promise<Tensor[]> {
    return await this.#call(model, inputs);
  }

  async close(): Promise<void> {
    // ending the thread in the middle of a native call would abort the whole process
    if (this.#calls.size)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    const last = this.#worker;
    this.#worker = undefined;
    await last?.terminate();
  }

  async #call(model: string, inputs?: readonly Tensor[]): Promise<Tensor[]> {
    const worker = this.#worker ?? this.#start();
    const request: InferenceRequest = { id: this.#count++, model, ...(inputs && { inputs }) };
    return await new Promise((resolve, reject) => {
      this.#calls.set(request.id, { resolve, reject });
      worker.ref();
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    // the same place relative to the source and, by tsup.config.ts, to the bundle
    const file = import.meta.url.endsWith('.ts') ? './inference-worker.ts' : './inference-worker.js';
    const threads = Math.min(MAX_THREADS, availableParallelism());
    const worker = new Worker(new URL(file, import.meta.url), { workerData: { threads, runtime: this.#runtime } });
    worker.on('message', (reply: InferenceReply) => this.#receive(worker, reply));
    worker.on('error', (error) => this.#lose(worker, (error as Error).message));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #receive(worker: Worker, { id, outputs, error }: InferenceReply): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    // an idle thread must not keep the process alive
    if (!this.#calls.size) {
      worker.unref();
      this.#onIdle();
    }
    if (outputs) call?.resolve(outputs);
    else call?.reject(new Error(error));
  }

  /** A dead thread fails its calls; the next call starts a new one. */
  #lose(worker: Worker, reason: string): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const { reject } of this.#calls.values()) reject(new Error(`The inference thread ended: ${reason}.`));
    this.#calls.clear();
    this.#onIdle();
  }
}
