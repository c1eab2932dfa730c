import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The root of this repository. */
export const root = resolve(import.meta.dirname, '../../..');

/** The blocks of a page in one language, in order; those that no machine can run here, too. */
export function readBlocks(page: string, language: 'sh' | 'text' | 'ts'): string[] {
  const text = readFileSync(resolve(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\b.*\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block]) => block!,
  );
}

/** The first block of a page in one language that is part of a list. */
export function readListed(page: string, language: 'sh' | 'text'): string {
  const text = readFileSync(resolve(root, page), 'utf8');
  const [, block] = new RegExp(`^  \`\`\`${language}\\b.*\\n([\\s\\S]*?)^  \`\`\`$`, 'm').exec(text) ?? [];
  if (block === undefined) throw new Error(`${page} has no ${language} block in a list.`);
  return block.replaceAll(/^ {2}/gm, '');
}
