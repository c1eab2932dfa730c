// what a client imports at its first call, so that no test measures how long that takes
import '../src/client/calls.ts';
import { Heurist, type HeuristError, WorkflowTask } from '../src/index.ts';
import { type Answer, type Script, startStub } from './stub-sequencer.ts';

export class EchoTask extends WorkflowTask {
  get task_type() {
    return 'echo';
  }
  get task_details() {
    return { parameters: { text: 'hello', seed: 0 } };
  }
}

export const apiKey = 'acme#secret-key';
export const PAGE: Answer = { text: '<html>Bad gateway</html>' };
export const created: Answer = { json: { task_id: 't1' } };
export const state = (status: string, more: object = {}): Answer => ({ json: { task_id: 't1', status, ...more } });
export const done = state('finished', { result: 'https://example.com/out.png' });

/** Answers with faults first, then well. */
export const after = (faults: Answer[], then: Answer) => (_: unknown, count: number) => faults[count - 1] ?? then;

/** A client of a stub that creates and finishes tasks, unless the script says otherwise. */
export async function withStub<T>(
  script: Script,
  use: (heurist: Heurist, stub: Awaited<ReturnType<typeof startStub>>) => Promise<T>,
) {
  await using stub = await startStub({ task_create: () => created, task_result_query: () => done, ...script });
  return await use(new Heurist({ apiKey, workflowURL: stub.url }), stub);
}

/** The error that a promise rejects with. */
export const failure = async (promise: Promise<unknown>) =>
  (await promise.then(
    () => undefined,
    (error: unknown) => error,
  )) as HeuristError;
