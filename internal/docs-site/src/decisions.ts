import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const folder = join(root, 'docs/decisions');

/** Every page of `docs/decisions`, the newest first. */
export function decisions(): { title: string; date: string; link: string }[] {
  return readdirSync(folder)
    .sort()
    .reverse()
    .map((file) => ({
      title: readFileSync(join(folder, file), 'utf8').split('\n')[0]!.replace('# ', ''),
      date: file.slice(0, '2026-01-01'.length),
      link: `/decisions/${file.replace(/\.md$/, '')}`,
    }));
}

/** The page `decisions`. */
export function decisionsPage(): string {
  const rows = decisions().map(({ title, date, link }) => `| ${date} | [${title}](${link}.md) |`);
  return `# Decisions\n\nWhy things are as they are: what was argued, measured and chosen.\n\n| date | decision |\n| --- | --- |\n${rows.join('\n')}\n`;
}
