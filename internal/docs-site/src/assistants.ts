// Pages as coding assistants read them: one Markdown file per page, and a list of all, https://llmstxt.org.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteConfig } from 'vitepress';
import { stage } from './paths.ts';

/** The first heading of a page. */
const titleOf = (text: string) => /^# (.+)$/m.exec(text)?.[1] ?? 'Heurist SDK';

export function writeForAssistants({ pages, outDir, site }: SiteConfig): void {
  for (const page of pages) cpSync(join(stage, page), join(outDir, page));
  const links = pages.map((page) => `- [${titleOf(readFileSync(join(stage, page), 'utf8'))}](${site.base}${page})`);
  const text = `# ${site.title}\n\n> ${site.description}\n\nEach page of this site is Markdown too: add \`.md\` to its address.\n\n## Pages\n\n${links.join('\n')}\n`;
  writeFileSync(join(outDir, 'llms.txt'), text);
}
