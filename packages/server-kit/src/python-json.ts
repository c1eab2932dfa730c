/** A text, or a number that Python prints and JSON does not have. A text that is cut off goes to the end: nothing is tried twice. */
const TEXT_OR_NUMBER = /"(?:[^"\\]+|\\.)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/gs;

/**
 * Parses JSON as Python writes it: NaN becomes `null`, and so do the infinities unless another number is to stand for them.
 *
 * @param infinity - what stands for Infinity
 * @throws {SyntaxError} if it is not JSON
 */
export function parsePythonJson(text: string, infinity?: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  return JSON.parse(
    text.replaceAll(TEXT_OR_NUMBER, (found) => {
      if (found.startsWith('"')) return found;
      if (infinity === undefined || found.endsWith('NaN')) return 'null';
      return String(found.startsWith('-') ? -infinity : infinity);
    }),
  );
}

/**
 * Parses JSON as Python writes it, with the numbers that JSON does not have: what is read is not for JSON again.
 *
 * @throws {SyntaxError} if it is not JSON
 */
export function parsePythonNumbers(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  let mark = 'NaN';
  while (text.includes(`"${mark}"`)) mark += '_';
  const written: Record<string, string> = { NaN: `"${mark}"`, Infinity: '1e999', '-Infinity': '-1e999' };
  const plain = text.replaceAll(TEXT_OR_NUMBER, (found) => written[found] ?? found);
  return JSON.parse(plain, (_key, value) => (value === mark ? Number.NaN : value));
}
