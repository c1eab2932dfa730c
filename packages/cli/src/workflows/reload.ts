import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { importFresh } from './fresh-modules.ts';
import { loadWorkflows } from './load-workflows.ts';
import { FileWatcher } from './watch-files.ts';

/** How long files must be left alone before they are read: an editor writes several, or one in several steps. */
export const SETTLE_MS = 100;

/** The workflows of packages that are being edited. */
export interface EditedWorkflows {
  /** Those of the first load. */
  workflows: readonly WorkflowDefinition[];
  /** Ends the watch. */
  close(): void;
}

/** What happens after an edit. */
export interface EditHandlers {
  /** Takes the new workflows. What it throws is reported, as an edit that cannot be loaded. */
  onReload(workflows: readonly WorkflowDefinition[]): Promise<void>;
  /** An edit cannot be used. The last good version stays. */
  onError(error: Error): void;
}

/**
 * Loads packages, and loads them anew whenever one of their files has changed: one load at a time.
 *
 * @param load - loads them; adds each file that it reads to `files`, also if it fails
 * @throws {HeuristError} `invalid_configuration` if the first load fails
 */
export async function watchWorkflows(
  load: (files: Set<string>) => Promise<readonly WorkflowDefinition[]>,
  { onReload, onError }: EditHandlers,
  clock: Clock = systemClock,
): Promise<EditedWorkflows> {
  const files = new Set<string>();
  const workflows = await load(files);
  let last = contentOf(files);
  let isDirty = false;
  let isBusy = false;
  const closed = new AbortController();

  async function reload(): Promise<void> {
    const content = contentOf(files);
    // what was touched and not changed, and other files in the same folder
    if (content === last) return;
    last = content;
    // before anything is read: what is written from now on is news
    watcher.follow(files);
    try {
      await onReload(await load(files));
    } catch (error) {
      onError(error as Error);
      // the file that is missing may be created
      last = '';
    }
    watcher.follow(files);
  }

  async function settle(): Promise<void> {
    isDirty = true;
    if (isBusy) return;
    isBusy = true;
    while (isDirty && !closed.signal.aborted) {
      isDirty = false;
      await clock.sleep(SETTLE_MS, closed.signal);
      if (!isDirty && !closed.signal.aborted) await reload();
    }
    isBusy = false;
  }

  const watcher = new FileWatcher(() => void settle());
  watcher.follow(files);
  return {
    workflows,
    close() {
      closed.abort();
      watcher.close();
    },
  };
}

/** Loads packages anew, from their source if they have one here. */
export function loadEdited(sources: readonly string[], builtIn: readonly WorkflowDefinition[]) {
  return (files: Set<string>) =>
    loadWorkflows(sources, builtIn, { prefersSource: true, importModule: (url) => importFresh(url, files) });
}

/** What changes if one of the files does. */
function contentOf(files: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const path of [...files].sort()) hash.update(`${path}\0`).update(readOrNothing(path)).update('\0');
  return hash.digest('hex');
}

function readOrNothing(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}
