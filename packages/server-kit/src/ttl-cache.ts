/** Answers callers of about the same moment from one look at something that changes slowly. */
export class SharedLook<T> {
  readonly #look: () => Promise<T>;
  readonly #freshMs: number;
  readonly #now: () => number;
  #last: { answer: Promise<T>; at: number } | undefined;

  /** @param now - the time in milliseconds */
  constructor(look: () => Promise<T>, freshMs: number, now: () => number = Date.now) {
    this.#look = look;
    this.#freshMs = freshMs;
    this.#now = now;
  }

  async get(): Promise<T> {
    if (!this.#last || this.#now() - this.#last.at > this.#freshMs) {
      const last = { answer: this.#look(), at: this.#now() };
      // a look that failed is no answer for others
      last.answer.catch(() => {
        if (this.#last === last) this.forget();
      });
      this.#last = last;
    }
    return await this.#last.answer;
  }

  /** What was seen is known to have changed. */
  forget(): void {
    this.#last = undefined;
  }
}
