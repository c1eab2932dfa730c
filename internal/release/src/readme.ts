import { readFileSync } from 'node:fs';

/** The blocks of a Markdown file in one language, in order. */
export function readBlocks(path: string, language: 'sh' | 'ts'): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!.trim());
}
