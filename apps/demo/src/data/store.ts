import { useSyncExternalStore } from 'react';

/** Keeps what a page remembers: `localStorage` or `sessionStorage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Tells components about changes. */
export class Listeners {
  readonly #all = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  };

  notify(): void {
    for (const listener of this.#all) listener();
  }
}

/** Reads JSON; `undefined` if there is none or it is damaged. */
export function readJson(storage: TextStorage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Writes JSON.
 *
 * @returns whether it was stored. If the storage is full or forbidden, the page goes on without it, until a reload.
 */
export function writeJson(storage: TextStorage, key: string, value: unknown): boolean {
  try {
    storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/**
 * A value of a store, as it is now and after every change.
 *
 * @param before - what the page that came from the server shows, which knows no browser. Default: the same
 */
export function useStore<T>(listeners: Listeners, read: () => T, before: () => T = read): T {
  return useSyncExternalStore(listeners.subscribe, read, before);
}
