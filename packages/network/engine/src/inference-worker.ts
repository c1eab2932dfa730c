// Runs neural networks in a thread of its own, so that the server stays responsive. Entry of a worker, not of the package.
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-web';

/** Work for the thread: planar RGB floats, `[1, 3, height, width]`. */
export interface InferenceRequest {
  id: number;
  model: string;
  data: Float32Array;
  width: number;
  height: number;
}

/** Its answer. */
export interface InferenceReply {
  id: number;
  result?: { data: Float32Array; width: number; height: number };
  error?: string;
}

interface Runtime {
  InferenceSession: { create(path: string, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => Tensor;
}

const { threads, runtime } = workerData as { threads: number; runtime: 'auto' | 'native' | 'wasm' };

/** The native runtime is three to five times faster; it is used where it is installed. */
async function loadRuntime(): Promise<Runtime> {
  if (runtime !== 'wasm') {
    try {
      return (await import('onnxruntime-node')) as unknown as Runtime;
    } catch (error) {
      if (runtime === 'native') throw error;
    }
  }
  const web = await import('onnxruntime-web');
  web.env.wasm.numThreads = threads;
  return web as unknown as Runtime;
}

const loading = loadRuntime();
const sessions = new Map<string, Promise<InferenceSession>>();

async function openSession(model: string): Promise<InferenceSession> {
  const { InferenceSession } = await loading;
  const session =
    sessions.get(model) ?? InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  sessions.set(model, session);
  session.catch(() => sessions.delete(model));
  return await session;
}

async function infer({ model, data, width, height }: InferenceRequest) {
  const session = await openSession(model);
  if (!width) return { data, width, height };
  const { Tensor } = await loading;
  const [input, output] = [session.inputNames[0] ?? 'x', session.outputNames[0] ?? 'y'];
  const result = (await session.run({ [input]: new Tensor('float32', data, [1, 3, height, width]) }))[output];
  if (!result) throw new Error(`The model has no output ${output}.`);
  const [, , outHeight = 0, outWidth = 0] = result.dims;
  // a copy: the runtime may own the memory
  return { data: Float32Array.from(result.data as Float32Array), width: outWidth, height: outHeight };
}

parentPort?.on('message', async (request: InferenceRequest) => {
  const reply: InferenceReply = { id: request.id };
  try {
    reply.result = await infer(request);
  } catch (error) {
    reply.error = (error as Error).message;
  }
  parentPort?.postMessage(reply, reply.result ? [reply.result.data.buffer as ArrayBuffer] : []);
});
