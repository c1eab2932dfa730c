// Runs neural networks in a separate thread, so that the server stays responsive. Entry of a worker, not of the package.
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { InferenceReply, InferenceRequest } from './messages.ts';
import type { Tensor as NumberTensor } from './tensor.ts';

interface Runtime {
  InferenceSession: { create(path: string, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: 'float32' | 'int32', data: NumberTensor['data'], dims: readonly number[]) => Tensor;
}

const { threads, runtime } = workerData as { threads: number; runtime: 'auto' | 'native' | 'wasm' };

/** The native runtime is three to five times faster; it is used if it is installed. */
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
const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
  // threads that wait sleep: to spin is no faster, and takes half a core from whatever else runs on the machine
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};
const sessions = new Map<string, Promise<InferenceSession>>();

async function openSession(model: string): Promise<InferenceSession> {
  const { InferenceSession } = await loading;
  const session = sessions.get(model) ?? InferenceSession.create(model, options);
  sessions.set(model, session);
  session.catch(() => sessions.delete(model));
  return await session;
}

async function infer({ model, inputs }: InferenceRequest): Promise<NumberTensor[]> {
  const session = await openSession(model);
  if (!inputs) return [];
  const { Tensor } = await loading;
  const feeds = session.inputNames.map((name, index) => {
    const input = inputs[index];
    if (!input) throw new Error(`The model takes ${session.inputNames.length} inputs; "${name}" was not given.`);
    const { data, dims } = input;
    return [name, new Tensor(data instanceof Int32Array ? 'int32' : 'float32', data, dims)];
  });
  const results = await session.run(Object.fromEntries(feeds));
  // copies: the runtime may own the memory
  return session.outputNames.map((name) => {
    const { data, dims } = results[name]!;
    return { data: Float32Array.from(data as Float32Array), dims };
  });
}

parentPort?.on('message', async (request: InferenceRequest) => {
  const reply: InferenceReply = { id: request.id };
  try {
    reply.outputs = await infer(request);
  } catch (error) {
    reply.error = (error as Error).message;
  }
  parentPort?.postMessage(
    reply,
    (reply.outputs ?? []).map(({ data }) => data.buffer as ArrayBuffer),
  );
});
