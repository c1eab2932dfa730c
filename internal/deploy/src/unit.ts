/** What this needs to know of a unit of systemd: the values of each setting, in order. */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** Reads a unit. Sections do not matter: no setting that is used here is in two. */
export function parseUnit(text: string): Unit {
  const unit = new Map<string, string[]>();
  for (const [, name, value] of text.matchAll(/^(\w+)=(.*)$/gm)) unit.set(name!, [...(unit.get(name!) ?? []), value!]);
  return unit;
}

/** Variables in lines `NAME=value`, as in `Environment=` and in the files of `EnvironmentFile=`; quotes may be around them. */
export function parseVariables(lines: readonly string[]): Record<string, string> {
  const pairs = lines
    .map((line) => line.trim().replace(/^"(.*)"$/, '$1'))
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs);
}
