import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Graph } from '@heurist/core/definition';
import type { ComfyPreview } from './binary-frame.ts';
import { ComfyError } from './comfy-error.ts';
import { ComfyHttp } from './comfy-http.ts';
import { connectSocket } from './comfy-socket.ts';
import { type ComfyOutput, checkSuccess, collectOutputs } from './outputs.ts';
import { type ComfyProgress, createProgressTracker } from './progress.ts';
import type { HistoryEntry, SocketMessage } from './schemas.ts';

/** Settings of a client. */
export interface ComfyClientOptions {
  /** Address of the server, such as `http://127.0.0.1:8188`. */
  url: string;
  /** Sent with every request, for servers behind a proxy that wants a key. */
  headers?: Record<string, string>;
  /** Longest gap between two looks at the history, in milliseconds. Default 2000. */
  pollInterval?: number;
  /** A queue that does not move for this long, without a sign from the prompt, is stuck. Milliseconds, default 600000. */
  stallTimeout?: number;
}

/** How to run a graph. */
export interface RunOptions {
  /** Cancels the prompt on the server, and rejects. */
  signal?: AbortSignal;
  onProgress?: (progress: ComfyProgress) => void;
  onPreview?: (preview: ComfyPreview) => void;
  /** Own id of the prompt: a UUID, since newer servers take nothing else. Default: a fresh one. */
  prompt_id?: string;
}

/** What a graph made. */
export interface RunResult {
  prompt_id: string;
  outputs: ComfyOutput[];
}

/** How long a prompt may be in neither queue nor history before it counts as lost: it can be between the two. */
const LOST_AFTER_MS = 5000;

/** A client for one ComfyUI server. */
export class ComfyClient extends ComfyHttp {
  readonly #pollInterval: number;
  readonly #stallTimeout: number;

  constructor({ url, headers = {}, pollInterval = 2000, stallTimeout = 600_000 }: ComfyClientOptions) {
    super(url, headers);
    this.#pollInterval = pollInterval;
    this.#stallTimeout = stallTimeout;
  }

  /**
   * Runs a graph and collects what it made. The socket gives progress and wakes the next look; `/history` and `/queue`
   * decide, so that lost events, a lost connection or a silent server cannot hang it.
   *
   * @throws {ComfyError} with a code for every way that it can fail; on abort, the signal's reason
   */
  async run(graph: Graph, options: RunOptions = {}): Promise<RunResult> {
    const { prompt_id = randomUUID(), signal = new AbortController().signal } = options;
    signal.throwIfAborted();
    const hints = createHints(prompt_id, graph, options);
    const client_id = randomUUID();
    const socket = connectSocket(this.url, client_id, hints);
    try {
      await socket.ready;
      await this.#submitOnce({ graph, prompt_id, client_id });
      return await this.#follow(prompt_id, hints, signal);
    } finally {
      socket.close();
    }
  }

  /**
   * Waits for a prompt that was queued before, such as by a process that has ended since, and collects what it made. There is
   * no progress: ComfyUI tells it to the one that queued it.
   *
   * @throws {ComfyError} as {@link run} does; `comfyui_prompt_lost` for a prompt that the server does not know
   */
  async resume(
    prompt_id: string,
    { signal = new AbortController().signal }: Pick<RunOptions, 'signal'> = {},
  ): Promise<RunResult> {
    return await this.#follow(prompt_id, createHints(prompt_id, {}, {}), signal);
  }

  async #follow(prompt_id: string, hints: Hints, signal: AbortSignal): Promise<RunResult> {
    try {
      const entry = await this.#untilEnded(prompt_id, hints, signal);
      checkSuccess(prompt_id, entry);
      return { prompt_id, outputs: collectOutputs(entry) };
    } catch (error) {
      if (signal.aborted) await this.cancel(prompt_id).catch(() => {});
      throw error;
    }
  }

  /** A submit whose answer was lost may have arrived: the queue will tell, and a second one would run twice. */
  async #submitOnce(request: Parameters<ComfyHttp['submit']>[0]): Promise<void> {
    try {
      await this.submit(request);
    } catch (error) {
      if (!ComfyError.isInstance(error) || error.code !== 'comfyui_unreachable' || error.status) throw error;
      const isThere = await this.#find(request.prompt_id);
      if (!isThere) throw error;
    }
  }

  async #find(prompt_id: string): Promise<boolean> {
    const { running, pending } = await this.queue();
    return running.includes(prompt_id) || pending.includes(prompt_id) || !!(await this.history(prompt_id));
  }

  async #untilEnded(prompt_id: string, hints: Hints, signal: AbortSignal): Promise<HistoryEntry> {
    let missingSince: number | undefined;
    let head: string | undefined;
    for (;;) {
      await hints.wait(this.#pollInterval, signal);
      const entry = await this.history(prompt_id, signal);
      if (entry) return entry;
      const { running, pending } = await this.queue(signal);
      const isQueued = running.includes(prompt_id) || pending.includes(prompt_id);
      missingSince = isQueued ? undefined : (missingSince ?? Date.now());
      if (missingSince && Date.now() - missingSince > LOST_AFTER_MS) throw lost(prompt_id);
      // the end was announced, or the prompt has left the queue: its entry comes in a moment
      if (missingSince || hints.hasEnded) await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted());
      if (running[0] !== head) hints.sign();
      head = running[0];
      if (Date.now() - hints.lastSign > this.#stallTimeout) await this.#giveUp(prompt_id);
    }
  }

  /** Nothing moves: interrupt the prompt, and tell a hanging node from a dead server by whether that helps. */
  async #giveUp(prompt_id: string): Promise<never> {
    await this.cancel(prompt_id);
    await sleep(Math.min(5000, this.#stallTimeout));
    const isStuck = (await this.queue()).running.includes(prompt_id);
    const message = isStuck
      ? `ComfyUI at ${this.url} does not move its queue, even after an interrupt. Restart it.`
      : `The prompt gave no sign for ${this.#stallTimeout} ms and was interrupted.`;
    throw new ComfyError(message, { code: 'comfyui_stuck', isRetryable: true, prompt_id });
  }
}

function lost(prompt_id: string): ComfyError {
  return new ComfyError(
    'The prompt is in neither the queue nor the history: ComfyUI was restarted, or somebody deleted it.',
    { code: 'comfyui_prompt_lost', isRetryable: true, prompt_id },
  );
}

/** What the socket has said about one prompt. */
interface Hints {
  readonly hasEnded: boolean;
  /** When there was a sign of life, in milliseconds since 1970. */
  readonly lastSign: number;
  sign(): void;
  /** Resolves when the prompt is said to have ended, or after `ms`. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  message(message: SocketMessage): void;
  preview(preview: ComfyPreview): void;
}

function createHints(prompt_id: string, graph: Graph, { onProgress, onPreview }: RunOptions): Hints {
  const track = createProgressTracker(graph);
  let lastSign = Date.now();
  const end = new AbortController();
  return {
    get hasEnded() {
      return end.signal.aborted;
    },
    get lastSign() {
      return lastSign;
    },
    sign() {
      lastSign = Date.now();
    },
    async wait(ms, signal) {
      // once the end was said this does not wait any more: the loop looks again soon
      await sleep(ms, undefined, { signal: AbortSignal.any([signal, end.signal]) }).catch(() => {});
      signal.throwIfAborted();
    },
    message(message) {
      if (message.data.prompt_id !== prompt_id) return;
      lastSign = Date.now();
      const progress = track(message);
      if (progress) onProgress?.(progress);
      // the only message after which the history is sure to be written
      if (message.type === 'executing' && message.data.node === null) end.abort();
    },
    preview(preview) {
      if (preview.prompt_id !== undefined && preview.prompt_id !== prompt_id) return;
      lastSign = Date.now();
      onPreview?.(preview);
    },
  };
}
