const DIGITS = String.raw`\d+(?:_\d+)*`;
const WHOLE = new RegExp(String.raw`^\s*[+-]?${DIGITS}\s*$`);
const DECIMAL = new RegExp(
  String.raw`^\s*[+-]?(?:${DIGITS}\.?(?:${DIGITS})?|\.${DIGITS})(?:e[+-]?${DIGITS})?\s*$`,
  'i',
);

/** A number in a text as Python reads it, which may be infinite; `undefined` if it is not one. */
export function parsePythonNumber(text: string, type: 'INT' | 'FLOAT'): number | undefined {
  return (type === 'INT' ? WHOLE : DECIMAL).test(text) ? Number(text.replaceAll('_', '')) : undefined;
}
