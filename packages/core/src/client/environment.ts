/** An environment variable where the platform has them, else `undefined`. Empty counts as unset. */
export function environmentVariable(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
}
