/** Counts the event streams of each user in this process. */
export class OpenStreams {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Opens a stream that counts until it ends, or until nobody reads it any more.
   *
   * @returns `undefined` if the user has as many open as it may
   */
  async open(user_id: string, start: () => Promise<Response>): Promise<Response | undefined> {
    const count = this.#counts.get(user_id) ?? 0;
    if (count >= this.#most) return undefined;
    this.#counts.set(user_id, count + 1);
    let isOpen = true;
    const release = () => {
      if (isOpen) this.#release(user_id);
      isOpen = false;
    };
    try {
      const response = await start();
      if (!response.body) release();
      const body = response.body && whenEnded(response.body, release);
      return new Response(body, { status: response.status, headers: response.headers });
    } catch (error) {
      release();
      throw error;
    }
  }

  #release(user_id: string): void {
    const count = (this.#counts.get(user_id) ?? 1) - 1;
    if (count) this.#counts.set(user_id, count);
    else this.#counts.delete(user_id);
  }
}

/** The same bytes; `onEnd` is called when they end, fail, or are no longer read. */
function whenEnded(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        onEnd();
        controller.close();
      } catch (error) {
        onEnd();
        controller.error(error);
      }
    },
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason);
    },
  });
}
