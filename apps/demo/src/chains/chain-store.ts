import { Listeners, readJson, type TextStorage, writeJson } from '../data/store.ts';
import type { Chain } from './chain.ts';

/** Storage key of the chains. */
export const CHAINS_KEY = 'heurist.chains';

/** The chains of this browser, the newest first. They survive a reload. */
export class ChainStore {
  readonly listeners = new Listeners();
  readonly #storage: TextStorage;
  #chains: readonly Chain[];

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#chains = this.#stored() ?? [];
  }

  get chains(): readonly Chain[] {
    return this.#chains;
  }

  find(id: string): Chain | undefined {
    return this.#chains.find((chain) => chain.id === id);
  }

  /** Adds a chain, or replaces the one with its id. */
  save(chain: Chain): void {
    this.#write((chains) =>
      chains.some(({ id }) => id === chain.id)
        ? chains.map((known) => (known.id === chain.id ? chain : known))
        : [chain, ...chains],
    );
  }

  remove(id: string): void {
    this.#write((chains) => chains.filter((chain) => chain.id !== id));
  }

  /** Takes over what another tab of the same page wrote. */
  reload(): void {
    this.#chains = this.#stored() ?? this.#chains;
    this.listeners.notify();
  }

  #write(change: (chains: readonly Chain[]) => readonly Chain[]): void {
    this.#chains = change(this.#stored() ?? this.#chains);
    writeJson(this.#storage, CHAINS_KEY, this.#chains);
    this.listeners.notify();
  }

  #stored(): Chain[] | undefined {
    const stored = readJson(this.#storage, CHAINS_KEY);
    return Array.isArray(stored) ? stored : undefined;
  }
}
