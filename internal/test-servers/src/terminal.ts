import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** Keys that a person presses. */
export const keys = { down: '\u001B[B', enter: '\r', space: ' ', stop: '\u0003' };

/** A terminal that is read and typed into by a test. */
export class TestTerminal {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  #shown = '';
  #read = 0;
  #waiting: (() => void) | undefined;

  constructor() {
    // as the output of a process, it cannot be ended by what is piped into it
    this.output.end = () => this.output;
    this.output.on('data', (part) => {
      this.#shown += stripVTControlCharacters(String(part));
      this.#waiting?.();
    });
  }

  /** All that was shown so far. */
  get shown(): string {
    return this.#shown;
  }

  /** Types once a text is shown that was not there before. */
  async answer(text: string, ...typed: string[]): Promise<void> {
    await this.until(text);
    for (const key of typed) this.input.write(key);
  }

  /** Waits for a text after what was waited for before. */
  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.#shown.indexOf(text, this.#read);
      if (at >= 0) {
        this.#read = at + text.length;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
    }
  }
}
