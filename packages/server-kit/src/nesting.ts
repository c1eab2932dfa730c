/** Whether a JSON value has at most so many levels of objects and lists. Goes level by level: neither depth nor width fills the stack. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  let level = [value];
  for (let count = 0; ; count++) {
    const objects = level.filter((inner) => typeof inner === 'object' && inner !== null);
    if (!objects.length) return true;
    if (count === levels) return false;
    level = objects.flatMap((inner) => Object.values(inner as object));
  }
}
