import type { TaskOptions } from '../../shared/api.ts';
import { Listeners, readJson, type TextStorage, writeJson } from './store.ts';

/** The state of a form. */
export interface FormDraft {
  /** The chosen model, if any. */
  workflow_id?: string | undefined;
  options: TaskOptions;
}

/** What was filled in, by package. It survives a reload. */
export class DraftStore {
  readonly listeners = new Listeners();
  readonly #drafts = new Map<string, FormDraft>();
  readonly #storage: TextStorage;

  constructor(storage: TextStorage) {
    this.#storage = storage;
  }

  read(family: string): FormDraft {
    const draft = this.#drafts.get(family) ?? parseDraft(readJson(this.#storage, keyOf(family)));
    this.#drafts.set(family, draft);
    return draft;
  }

  save(family: string, draft: FormDraft): void {
    this.#drafts.set(family, draft);
    writeJson(this.#storage, keyOf(family), draft);
    this.listeners.notify();
  }
}

const keyOf = (family: string) => `heurist.draft.${family}`;

function parseDraft(stored: unknown): FormDraft {
  const draft = stored as FormDraft | undefined;
  return draft?.options ? draft : { options: {} };
}
