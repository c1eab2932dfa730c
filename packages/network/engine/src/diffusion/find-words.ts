/** The words that a model was trained on. */
export interface Vocabulary {
  /** Word -> id, from 1 on; 0 is no word. */
  words: Record<string, number>;
  /** Other words, and emoji, that stand for one or more of these: `automobile` -> `car`. */
  aliases: Record<string, string>;
}

/** Longer prompts are cut before they are looked at: no model here reads so much. */
const LONGEST_PROMPT = 2000;

/** Words, or single characters that are neither letters nor blanks, such as emoji. */
const PIECES = /[\p{L}\p{N}]+|\p{Extended_Pictographic}\uFE0F?/gu;

/** Ids of the known words of a prompt in their order, and the words that are not known. */
export function findWords(prompt: string, vocabulary: Vocabulary): { ids: number[]; unknown: string[] } {
  const { known, unknown } = splitWords(prompt, vocabulary);
  return { ids: known.flatMap((word) => vocabulary.words[word] ?? []), unknown };
}

/** The known words of a prompt in their order, with aliases written out, and the words that are not known. */
export function splitWords(prompt: string, { words, aliases }: Vocabulary): { known: string[]; unknown: string[] } {
  const known: string[] = [];
  const unknown: string[] = [];
  for (const piece of prompt.slice(0, LONGEST_PROMPT).toLowerCase().match(PIECES) ?? []) {
    const form = [piece, piece.replace(/s$/, ''), piece.replace(/es$/, '')].find(
      (text) => Object.hasOwn(words, text) || Object.hasOwn(aliases, text),
    );
    if (form === undefined) unknown.push(piece);
    else known.push(...(Object.hasOwn(words, form) ? [form] : aliases[form]!.split(' ')));
  }
  return { known, unknown };
}
