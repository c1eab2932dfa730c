/** Without a reason, each abort would make an error with its stack. */
const WOKEN = 'woken';

/** Lets one side sleep until another side says that something has changed: `clock.sleep(ms, wakeup.signal)`. */
export class Wakeup {
  #controller = new AbortController();

  /** Fires at the next {@link wake}. Ask for it anew before each sleep. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends every sleep that began before. */
  wake(): void {
    const last = this.#controller;
    this.#controller = new AbortController();
    last.abort(WOKEN);
  }
}
