import { readVocabulary } from './checkpoint.ts';
import { splitWords, type Vocabulary } from './find-words.ts';

/** Whether a checkpoint was trained to draw what a prompt asks for. */
export interface PromptCheck {
  /** Whether the prompt is the name of one thing that it was trained on, with a color or a background at most. */
  isFamiliar: boolean;
  /** Words that it has never seen, each once. It draws as if they were not there. */
  unknown: string[];
  /** Names that contain words of an unfamiliar prompt, best first. */
  similar: string[];
}

/** What captions had beside a name: see `internal/train-tiny/words.py`. */
const COLORS = new Set('red orange yellow green cyan blue purple pink brown gray grey black white violet'.split(' '));
const ARTICLES = new Set(['a', 'an', 'the']);
/** How many similar names are listed. */
const MAX_SIMILAR = 3;

/**
 * Reads the vocabulary in a checkpoint's folder.
 *
 * @returns a function that compares a prompt with the names that the checkpoint was trained on
 * @throws if the vocabulary is missing or malformed
 */
export async function createPromptCheck(folder: string): Promise<(prompt: string) => PromptCheck> {
  const vocabulary = await readVocabulary(folder);
  const names = [...new Set(Object.values(vocabulary.aliases))];
  return (prompt) => checkPrompt(prompt, vocabulary, names);
}

/** Compares a prompt with names of things. */
function checkPrompt(prompt: string, vocabulary: Vocabulary, names: readonly string[]): PromptCheck {
  const { known, unknown } = splitWords(prompt, vocabulary);
  const asked = bare(withoutBackground(known));
  const isFamiliar = names.some(
    // a name may be a color's, such as "orange square": then nothing is left to compare but the whole
    (name) => name === known.join(' ') || (asked.length > 0 && bare(name.split(' ')).join(' ') === asked.join(' ')),
  );
  return { isFamiliar, unknown: [...new Set(unknown)], similar: isFamiliar ? [] : findSimilar(asked, names) };
}

/** Without "on a blue background". */
function withoutBackground(words: readonly string[]): readonly string[] {
  const plain = words.filter((word) => !ARTICLES.has(word));
  const [on, color, background] = plain.slice(-3);
  return on === 'on' && COLORS.has(color ?? '') && background === 'background' ? plain.slice(0, -3) : plain;
}

const bare = (words: readonly string[]) => words.filter((word) => !ARTICLES.has(word) && !COLORS.has(word));

/** Those with most of the words come first, and short ones before long ones. */
function findSimilar(asked: readonly string[], names: readonly string[]): string[] {
  return names
    .map((name) => {
      const words = name.split(' ');
      return { name, shared: asked.filter((word) => words.includes(word)).length, length: words.length };
    })
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared || a.length - b.length)
    .slice(0, MAX_SIMILAR)
    .map(({ name }) => name);
}
