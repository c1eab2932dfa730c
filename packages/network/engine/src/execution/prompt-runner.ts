import type { SocketHub } from '../http/socket-hub.ts';
import { encodePreview } from '../images/picture-file.ts';
import { type ExecutionEvents, type Executor, Interrupted, NodeFailure } from './executor.ts';
import { type FinishedPrompt, History } from './history.ts';
import { PromptQueue, type QueueItem } from './prompt-queue.ts';

/** Previews are made at most this often, in milliseconds. */
const PREVIEW_INTERVAL_MS = 100;

/** Runs queued prompts one after another and notifies clients, in the order of the real server. */
export class PromptRunner {
  readonly queue = new PromptQueue();
  readonly history = new History();
  readonly #executor: Executor;
  readonly #sockets: SocketHub;
  #interrupt = new AbortController();
  #currentNode: string | undefined;
  #freeCache = false;

  constructor(executor: Executor, sockets: SocketHub) {
    this.#executor = executor;
    this.#sockets = sockets;
  }

  /** Queues a prompt. */
  submit(item: QueueItem): void {
    this.queue.add(item);
    this.broadcastStatus();
    if (!this.queue.running) void this.#runAll();
  }

  /** Interrupts the running prompt; with an id, only if it is that one. */
  interrupt(id?: string): void {
    if (this.queue.running && (id === undefined || this.queue.running[1] === id)) this.#interrupt.abort();
  }

  /** Forgets cached results when the running prompt is over. */
  freeCache(): void {
    if (this.queue.running) this.#freeCache = true;
    else this.#executor.clearCache();
  }

  broadcastStatus(sid?: string): void {
    const status = { exec_info: { queue_remaining: this.queue.remaining } };
    this.#sockets.send('status', { status, ...(sid && { sid }) }, sid);
  }

  /** Greets a client, which may come back in the middle of a run. */
  greet(sid: string): void {
    this.broadcastStatus(sid);
    if (this.queue.running?.[3].client_id === sid && this.#currentNode)
      this.#sockets.send('executing', { node: this.#currentNode }, sid);
  }

  async #runAll(): Promise<void> {
    for (let item = this.queue.take(); item; item = this.queue.take()) {
      this.broadcastStatus();
      await this.#run(item);
      if (this.#freeCache) this.#executor.clearCache();
      this.#freeCache = false;
    }
  }

  async #run(item: QueueItem): Promise<void> {
    const [, prompt_id, prompt, extra, outputs] = item;
    const client = extra.client_id as string | undefined;
    const entry: FinishedPrompt = {
      prompt: item,
      outputs: {},
      status: { status_str: 'success', completed: true, messages: [] },
      meta: {},
    };
    // what belongs to one prompt goes to nobody when no client was named; a few things then go to all
    const tell = (type: string, data: object) => client && this.#sockets.send(type, data, client);
    const record = (type: string, data: object, send = tell) => {
      const message = { prompt_id, ...data, timestamp: Date.now() };
      entry.status.messages.push([type, message]);
      send(type, message);
    };

    this.#interrupt = new AbortController();
    record('execution_start', {});
    try {
      const events = this.#createEvents(item, entry, tell, (nodes) => record('execution_cached', { nodes }));
      await this.#executor.execute(prompt, outputs, events, this.#interrupt.signal);
      record('execution_success', {});
    } catch (error) {
      const executed = Object.keys(entry.outputs);
      entry.status.status_str = 'error';
      entry.status.completed = false;
      const node_id = error instanceof NodeFailure || error instanceof Interrupted ? error.node : '';
      const node = { node_id, node_type: prompt[node_id]?.class_type ?? '', executed };
      if (error instanceof Interrupted)
        record('execution_interrupted', node, (type, data) => this.#sockets.send(type, data, client));
      else record('execution_error', { ...node, ...describeFailure(error as Error) });
    }
    this.#currentNode = undefined;
    this.history.set(prompt_id, entry);
    this.queue.done();
    this.broadcastStatus();
    tell('executing', { node: null, prompt_id });
  }

  #createEvents(
    [, prompt_id, , extra]: QueueItem,
    entry: FinishedPrompt,
    tell: (type: string, data: object) => unknown,
    onCached: (nodes: string[]) => void,
  ): ExecutionEvents {
    const client = extra.client_id as string | undefined;
    const states: Record<string, object> = {};
    let lastPreview = 0;
    const setState = (node: string, value: number, max: number, state: 'running' | 'finished') => {
      states[node] = {
        value,
        max,
        state,
        node_id: node,
        prompt_id,
        display_node_id: node,
        parent_node_id: null,
        real_node_id: node,
      };
      this.#sockets.send('progress_state', { prompt_id, nodes: states }, client);
    };
    return {
      cached: onCached,
      started: (node) => {
        this.#currentNode = node;
        setState(node, 0, 1, 'running');
        tell('executing', { node, display_node: node, prompt_id });
      },
      progress: async (node, value, max, preview) => {
        setState(node, value, max, 'running');
        if (preview && Date.now() - lastPreview >= PREVIEW_INTERVAL_MS) {
          lastPreview = Date.now();
          this.#sockets.sendPreview(await encodePreview(await preview()), { node_id: node, prompt_id }, client);
        }
        this.#sockets.send('progress', { value, max, prompt_id, node }, client);
      },
      executed: (node, ui) => {
        if (ui) {
          entry.outputs[node] = ui;
          entry.meta[node] = { node_id: node, display_node: node, parent_node: null, real_node_id: node };
        }
        tell('executed', { node, display_node: node, output: ui ?? null, prompt_id });
      },
      finished: (node) => setState(node, 1, 1, 'finished'),
    };
  }
}

/** No traceback: it would name paths of this machine. */
function describeFailure(error: Error) {
  const cause = (error.cause ?? error) as Error;
  return {
    exception_message: `${cause.message}\n`,
    exception_type: cause.name,
    traceback: [],
    current_inputs: {},
    current_outputs: [],
  };
}
