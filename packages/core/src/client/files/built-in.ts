/** A module of Node, Bun or Deno; `undefined` in browsers. Bundlers for browsers cannot handle `import('node:fs')`. */
export function builtIn(id: 'fs'): typeof import('node:fs') | undefined;
export function builtIn(id: 'fs/promises'): typeof import('node:fs/promises') | undefined;
export function builtIn(id: 'path'): typeof import('node:path') | undefined;
export function builtIn(id: 'crypto'): typeof import('node:crypto') | undefined;
export function builtIn(id: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  try {
    return process?.getBuiltinModule?.(id);
  } catch {
    // Next's edge runtime has the function, which throws
    return undefined;
  }
}
