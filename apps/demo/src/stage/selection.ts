import { useTaskList } from '../data/browser-stores.ts';
import { Listeners, useStore } from '../data/store.ts';
import type { TaskEntry } from '../data/task-list.ts';
import { type StripItem, stripItems } from './strip-items.ts';

const listeners = new Listeners();
/** What was chosen in this tab: a task. `isAlone`: not beside the others of its group. */
let chosen: { task_id: string; isAlone: boolean } | undefined;
let isFresh = false;

/** Shows a task on the stage, with the others of its group unless it is to be shown alone. */
export function select(task_id: string, isAlone = false): void {
  chosen = { task_id, isAlone };
  isFresh = true;
  listeners.notify();
}

/** Whether something was chosen since the last time this was asked. */
export function takeFresh(): boolean {
  const was = isFresh;
  isFresh = false;
  return was;
}

/** What the stage shows: the chosen task or group, else the newest; and what comes before and after it. */
export interface Shown {
  items: readonly StripItem[];
  item: StripItem | undefined;
  /** The task, unless a group is shown. */
  entry: TaskEntry | undefined;
}

export function useShown(): Shown {
  const items = stripItems(useTaskList());
  const now = useStore(listeners, () => chosen);
  const item = items.find(({ entries }) => entries.some(({ task_id }) => task_id === now?.task_id)) ?? items[0];
  if (!item) return { items, item: undefined, entry: undefined };
  const isWhole = item.entries.length > 1 && !(now?.isAlone && item.entries.some((one) => one.task_id === now.task_id));
  const entry = item.entries.find(({ task_id }) => task_id === now?.task_id) ?? item.entries[0];
  return { items, item, entry: isWhole ? undefined : entry };
}

/** Shows what was made before (1) or after (-1) what is shown. */
export function step({ items, item }: Shown, by: 1 | -1): void {
  const next = items[items.indexOf(item!) + by];
  if (next) select(next.entries[0]!.task_id);
}
