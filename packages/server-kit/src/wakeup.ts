import type { Stop } from './stop.ts';

/** Lets one side sleep until another side says that something has changed: `clock.sleep(ms, wakeup.signal)`. */
export class Wakeup {
  #bell = new Bell();

  /** Fires at the next {@link wake}. Ask for it anew before each sleep. */
  get signal(): Stop {
    return this.#bell;
  }

  /** Ends every sleep that began before. */
  wake(): void {
    const last = this.#bell;
    this.#bell = new Bell();
    last.ring();
  }
}

/** Rings once. An `AbortSignal` would do, and takes a kilobyte. */
class Bell implements Stop {
  aborted = false;
  #listeners: (() => void)[] = [];

  ring(): void {
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }
}
