import { DraftStore, type FormDraft } from './drafts.ts';
import { type TextStorage, useStore } from './store.ts';
import { TASKS_KEY, type TaskEntry, TaskList } from './task-list.ts';

/** Where the page is rendered beforehand, there is no browser to remember anything. */
const NOWHERE: TextStorage = { getItem: () => null, setItem: () => {} };
const isBrowser = typeof window !== 'undefined';

/** What was filled in, and the tasks: both belong to the browser. */
export const storage: TextStorage = isBrowser ? localStorage : NOWHERE;
const drafts = new DraftStore(storage);
export const taskList = new TaskList(storage);
onOtherTab(TASKS_KEY, () => taskList.reload());

/** Does something when another tab of the page has written what is kept under a key. */
export function onOtherTab(written: string, act: () => void): void {
  if (isBrowser) addEventListener('storage', ({ key }) => key === written && act());
}

/** Fills in a form, whether it is open or not. */
export const saveDraft = (family: string, draft: FormDraft) => drafts.save(family, draft);

const EMPTY: FormDraft = { options: {} };

/** A form's content, and how to change it. */
export function useDraft(family: string): [FormDraft, (change: (before: FormDraft) => FormDraft) => void] {
  const draft = useStore(
    drafts.listeners,
    () => drafts.read(family),
    () => EMPTY,
  );
  return [draft, (change) => drafts.save(family, change(drafts.read(family)))];
}

const NONE: readonly TaskEntry[] = [];

/** The tasks of this browser, the newest first. */
export const useTaskList = (): readonly TaskEntry[] =>
  useStore(
    taskList.listeners,
    () => taskList.entries,
    () => NONE,
  );
