import { randomUUID } from 'node:crypto';
import type { Graph } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { ComfyError } from './comfy-error.ts';
import { ComfyHttp, type SubmitRequest } from './comfy-http.ts';
import { ComfySocket } from './comfy-socket.ts';
import { type ComfyOutput, checkSuccess, collectOutputs } from './outputs.ts';
import { PromptFollower } from './prompt-follower.ts';
import { type PromptListeners, PromptSigns } from './prompt-signs.ts';

/** Settings of a client. */
export interface ComfyClientOptions {
  /**
   * Address of the server, such as `http://127.0.0.1:8188`. A user name and password in it (`http://user:password@host`,
   * percent-encoded) are sent as an `Authorization` header, and shown nowhere.
   */
  url: string;
  /** Sent with every request and socket, for servers behind a proxy that wants a key. */
  headers?: Record<string, string>;
  /** Longest gap between two looks at the history, in milliseconds. Default 2000. */
  pollInterval?: number;
  /** How long the queue may stand still, without a sign of life from the prompt, before it counts as stuck. Milliseconds, default 600000. */
  stallTimeout?: number;
}

/** How to run a graph. */
export interface RunOptions extends PromptListeners {
  /** Cancels the prompt on the server, and rejects. */
  signal?: AbortSignal;
  /** Id for the prompt: a UUID, since newer servers accept nothing else. Default: a fresh one. */
  prompt_id?: string;
}

/** What a graph made. */
export interface RunResult {
  prompt_id: string;
  outputs: ComfyOutput[];
}

/** A client for one ComfyUI server. */
export class ComfyClient extends ComfyHttp {
  readonly #follower: PromptFollower;
  readonly #clock: Clock;

  /** @param clock - where the time comes from: for tests */
  constructor(
    { url, headers = {}, pollInterval = 2000, stallTimeout = 600_000 }: ComfyClientOptions,
    clock: Clock = systemClock,
  ) {
    super(url, headers);
    this.#clock = clock;
    this.#follower = new PromptFollower({ server: this, pollInterval, stallTimeout, clock });
  }

  /**
   * Runs a graph and collects what it made. The socket gives progress and makes the next look come earlier; `/history` and
   * `/queue` decide, so that lost events, a lost connection or a silent server cannot hang it.
   *
   * @throws {ComfyError} with a code for every way to fail; on abort, the signal's reason
   */
  async run(graph: Graph, options: RunOptions = {}): Promise<RunResult> {
    const { prompt_id = randomUUID(), signal = new AbortController().signal } = options;
    signal.throwIfAborted();
    const signs = new PromptSigns(prompt_id, graph, options, this.#clock);
    const client_id = randomUUID();
    const socket = new ComfySocket({ url: this.url, headers: this.headers, clientId: client_id }, signs, this.#clock);
    try {
      await socket.untilReady();
      await this.#submitOnce({ graph, prompt_id, client_id });
      return await this.#follow(prompt_id, signs, signal);
    } finally {
      socket.close();
    }
  }

  /**
   * Waits for a prompt that was queued before, such as by a process that has ended since, and collects what it made. There is no
   * progress: ComfyUI reports it only to the client that queued the prompt.
   *
   * @throws {ComfyError} as {@link run} does; `comfyui_prompt_lost` for a prompt that the server does not know
   */
  async resume(
    prompt_id: string,
    { signal = new AbortController().signal }: Pick<RunOptions, 'signal'> = {},
  ): Promise<RunResult> {
    return await this.#follow(prompt_id, new PromptSigns(prompt_id, {}, {}, this.#clock), signal);
  }

  /** What a prompt made, as far as it has come; `undefined` while it has no entry in the history. */
  async madeBy(prompt_id: string): Promise<ComfyOutput[] | undefined> {
    const entry = await this.history(prompt_id);
    return entry && collectOutputs(entry);
  }

  async #follow(prompt_id: string, signs: PromptSigns, signal: AbortSignal): Promise<RunResult> {
    try {
      const entry = await this.#follower.follow(prompt_id, signs, signal);
      checkSuccess(prompt_id, entry);
      return { prompt_id, outputs: collectOutputs(entry) };
    } catch (error) {
      if (signal.aborted) await this.cancel(prompt_id).catch(() => {});
      throw error;
    }
  }

  /** A submit whose answer was lost may have arrived: the queue knows, and a second submit would run twice. */
  async #submitOnce(request: SubmitRequest): Promise<void> {
    try {
      await this.submit(request);
    } catch (error) {
      if (!ComfyError.isInstance(error) || error.code !== 'comfyui_unreachable' || error.status) throw error;
      if (!(await this.#hasPrompt(request.prompt_id))) throw error;
    }
  }

  async #hasPrompt(prompt_id: string): Promise<boolean> {
    const { running, pending } = await this.queue();
    return running.includes(prompt_id) || pending.includes(prompt_id) || !!(await this.history(prompt_id));
  }
}
