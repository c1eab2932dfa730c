/** The newest preview of each running task. In memory: a preview is worth nothing once its task has moved on. */
export interface Previews {
  set(task_id: string, preview: string): void;
  get(task_id: string): string | undefined;
  delete(task_id: string): void;
}

/** So many previews are kept at most; the oldest goes first. */
const MAX_PREVIEWS = 200;

export function createPreviews(): Previews {
  const previews = new Map<string, string>();
  return {
    set(task_id, preview) {
      previews.delete(task_id);
      previews.set(task_id, preview);
      if (previews.size > MAX_PREVIEWS) previews.delete(previews.keys().next().value ?? '');
    },
    get: (task_id) => previews.get(task_id),
    delete: (task_id) => void previews.delete(task_id),
  };
}
