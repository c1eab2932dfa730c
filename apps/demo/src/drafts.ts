import { useSyncExternalStore } from 'react';
import type { Options } from '../shared/api.ts';

/** A form as it was left. */
export interface Draft {
  /** The model that was chosen, if one was. */
  workflow_id?: string | undefined;
  options: Options;
}

const keyOf = (family: string) => `heurist.draft.${family}`;
const drafts = new Map<string, Draft>();
const listeners = new Set<() => void>();

function readDraft(family: string): Draft {
  const draft = drafts.get(family) ?? parseDraft(sessionStorage.getItem(keyOf(family)));
  drafts.set(family, draft);
  return draft;
}

function parseDraft(text: string | null): Draft {
  try {
    const draft = JSON.parse(text ?? '');
    return draft?.options ? draft : { options: {} };
  } catch {
    return { options: {} };
  }
}

/** Fills in a form, whether it is open or not. Kept over a reload. */
export function saveDraft(family: string, draft: Draft): void {
  drafts.set(family, draft);
  sessionStorage.setItem(keyOf(family), JSON.stringify(draft));
  for (const listener of listeners) listener();
}

/** A form's content. */
export function useDraft(family: string): [Draft, (change: (before: Draft) => Draft) => void] {
  const draft = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readDraft(family),
  );
  return [draft, (change) => saveDraft(family, change(readDraft(family)))];
}
