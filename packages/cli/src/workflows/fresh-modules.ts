import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Marks the address of a module that was loaded anew, with all that it imports by a path. */
const MARK = 'heurist-load';

/** What the loads so far have asked for: mark -> paths. */
const loads = new Map<string, Set<string>>();

/**
 * Imports a module anew, although Node keeps modules for good: with the modules of its own that it imports by a path, and without
 * packages, which it shares with everything else. The old version stays in memory.
 *
 * @param files - gets the path of every file that is read, also if the import fails
 */
export async function importFresh(url: string, files: Set<string>): Promise<{ definitions?: unknown }> {
  listen();
  const mark = String(loads.size);
  loads.set(mark, files);
  files.add(fileURLToPath(url));
  return await import(`${url}?${MARK}=${mark}`);
}

let isListening = false;

/** A mark passes from a module to what it imports. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const mark = markOf(context.parentURL);
      if (mark === undefined || !/^[./#]/.test(specifier) || !resolved.url.startsWith('file:')) return resolved;
      loads.get(mark)?.add(fileURLToPath(resolved.url));
      return { ...resolved, url: `${resolved.url}?${MARK}=${mark}` };
    },
  });
}

function markOf(url: string | undefined): string | undefined {
  return url?.startsWith('file:') ? (new URL(url).searchParams.get(MARK) ?? undefined) : undefined;
}
