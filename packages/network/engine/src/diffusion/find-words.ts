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
export function findWords(prompt: string, { words, aliases }: Vocabulary): { ids: number[]; unknown: string[] } {
  const ids: number[] = [];
  const unknown: string[] = [];
  for (const piece of prompt.slice(0, LONGEST_PROMPT).toLowerCase().match(PIECES) ?? []) {
    const known = [piece, piece.replace(/s$/, ''), piece.replace(/es$/, '')].find(
      (form) => Object.hasOwn(words, form) || Object.hasOwn(aliases, form),
    );
    if (known === undefined) unknown.push(piece);
    else
      ids.push(
        ...(Object.hasOwn(words, known) ? [known] : aliases[known]!.split(' ')).flatMap((word) => words[word] ?? []),
      );
  }
  return { ids, unknown };
}
