import { DraftStore, type FormDraft } from './drafts.ts';
import { useStore } from './store.ts';
import { TASKS_KEY, type TaskEntry, TaskList } from './task-list.ts';

/** Forms belong to one tab. */
const drafts = new DraftStore(sessionStorage);
/** Tasks belong to the browser. */
export const taskList = new TaskList(localStorage);
addEventListener('storage', ({ key }) => {
  if (key === TASKS_KEY) taskList.reload();
});

/** Fills in a form, whether it is open or not. */
export const saveDraft = (family: string, draft: FormDraft) => drafts.save(family, draft);

/** A form's content, and how to change it. */
export function useDraft(family: string): [FormDraft, (change: (before: FormDraft) => FormDraft) => void] {
  const draft = useStore(drafts.listeners, () => drafts.read(family));
  return [draft, (change) => drafts.save(family, change(drafts.read(family)))];
}

/** The tasks of this browser, the newest first. */
export const useTaskList = (): readonly TaskEntry[] => useStore(taskList.listeners, () => taskList.entries);
