/** Whole escape sequences of terminals: CSI (colours, cursor) and OSC (title, clipboard, links). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x9b[0-?]*[ -/]*[@-~]/g;
/**
 * C0 and C1 except tab and line feed, the Unicode line separators, what turns the direction of text, and what nobody sees. The
 * joiners U+200C and U+200D stay: scripts and emoji need them.
 */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Halves of characters, which no database takes. */
const HALVES = /\p{Surrogate}/gu;

/**
 * Text of a stranger without what could change a terminal or fake other text: no control characters except tabs and line
 * feeds, no escape sequences, no marks that turn the direction of text or are invisible.
 *
 * @param longest - how many characters stay. Default: all.
 */
export function printable(text: string, longest: number = Number.POSITIVE_INFINITY): string {
  return text.replace(SEQUENCES, '').replace(CONTROLS, '').slice(0, longest).replace(HALVES, '');
}

/** The same, on one line. */
export function printableLine(text: string, longest: number = Number.POSITIVE_INFINITY): string {
  return printable(text)
    .replaceAll(/[\t\n]+/g, ' ')
    .slice(0, longest)
    .replace(HALVES, '');
}
