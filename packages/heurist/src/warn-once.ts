const said = new Set<string>();

/** Says something once in a process: what is true of every call need not be read with each. */
export function warnOnce(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`heurist: ${message}`);
}
