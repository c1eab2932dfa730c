import type { Graph } from '@heurist/core/definition';
import type { Clock } from '@heurist/server-kit/clock';
import type { ComfyPreview } from './binary-frame.ts';
import { type ComfyProgress, createProgressTracker } from './progress.ts';
import type { SocketMessage } from './schemas.ts';

/** Who wants to hear of a prompt. What a listener throws is dropped. */
export interface PromptListeners {
  /** The server begins with the prompt, which has waited in its queue. */
  onStart?: () => void;
  /** A node has made a step, such as one of a sampler. */
  onStep?: () => void;
  onProgress?: (progress: ComfyProgress) => void;
  onPreview?: (preview: ComfyPreview) => void;
}

/** What the socket has said about one prompt. */
export class PromptSigns {
  readonly #prompt_id: string;
  readonly #listeners: PromptListeners;
  readonly #track: ReturnType<typeof createProgressTracker>;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #lastSign: number;

  /** @param graph - what the prompt runs; empty if it is not known */
  constructor(prompt_id: string, graph: Graph, listeners: PromptListeners, clock: Clock) {
    this.#prompt_id = prompt_id;
    this.#listeners = listeners;
    this.#track = createProgressTracker(graph);
    this.#clock = clock;
    this.#lastSign = clock.now();
  }

  /** Whether the prompt is said to have ended. */
  get hasEnded(): boolean {
    return this.#end.signal.aborted;
  }

  /** The last sign of life, in milliseconds since 1970. */
  get lastSign(): number {
    return this.#lastSign;
  }

  /** The queue has moved on, or the prompt was heard of. */
  recordSign(): void {
    this.#lastSign = this.#clock.now();
  }

  /** Resolves when the prompt is said to have ended, or after `ms`. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    // once the end is announced, this no longer waits: the caller looks again soon
    await this.#clock.sleep(ms, AbortSignal.any([signal, this.#end.signal]));
    signal.throwIfAborted();
  }

  /** Takes a message of the socket, which may be about another prompt. */
  receiveMessage(message: SocketMessage): void {
    if (message.data.prompt_id !== this.#prompt_id) return;
    this.recordSign();
    if (message.type === 'execution_start') tell(this.#listeners.onStart, undefined);
    if (message.type === 'progress') tell(this.#listeners.onStep, undefined);
    const progress = this.#track(message);
    if (progress) tell(this.#listeners.onProgress, progress);
    // the only message after which the history is sure to be written
    if (message.type === 'executing' && message.data.node === null) this.#end.abort();
  }

  /** Takes a preview, which may belong to another prompt. */
  receivePreview(preview: ComfyPreview): void {
    if (preview.prompt_id !== undefined && preview.prompt_id !== this.#prompt_id) return;
    this.recordSign();
    tell(this.#listeners.onPreview, preview);
  }
}

/** It is called by the socket: what it throws would end the process, not the run. */
function tell<T>(listener: ((news: T) => void) | undefined, news: T): void {
  try {
    listener?.(news);
  } catch {
    // progress is a courtesy: the run goes on
  }
}
