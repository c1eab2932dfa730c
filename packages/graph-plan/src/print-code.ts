/**
 * Prints data as TypeScript, as a person would write it: short values on one line, plain names unquoted.
 *
 * @param indent - spaces before its first line
 */
export function printCode(value: unknown, indent: number): string {
  const line = oneLine(value);
  if (typeof value !== 'object' || value === null || line.length + indent < 90) return line;
  const inner = ' '.repeat(indent + 2);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((item) => printCode(item, indent + 2))
    : Object.entries(value).map(([name, item]) => `${printName(name)}: ${printCode(item, indent + 2)}`);
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${' '.repeat(indent)}${close}`;
}

function oneLine(value: unknown): string {
  if (typeof value === 'string') return printText(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const items = Object.entries(value).map(([name, item]) => `${printName(name)}: ${oneLine(item)}`);
  return items.length ? `{ ${items.join(', ')} }` : '{}';
}

function printName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : printText(name);
}

/** JSON's escapes are TypeScript's; only the quotes change. */
function printText(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
