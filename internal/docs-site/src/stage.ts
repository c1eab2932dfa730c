// Writes the pages as the site has them: the text of the repository, with links that hold there.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPages } from '@heurist/docs/pages';
import { withAddresses } from '@heurist/docs/rewrite';
import { changelogPage } from './changelog.ts';
import { decisionsPage } from './decisions.ts';
import { home } from './home.ts';
import { root, sitePathOf, stage, targetOf } from './paths.ts';

/** Writes a page of the site. */
function writePage(path: string, text: string): void {
  const file = join(stage, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Shown pictures keep their address, so that the Markdown of a page shows them too. */
function showPicture(path: string): string {
  const address = `/pictures/${path}`;
  const file = join(stage, 'public', address);
  mkdirSync(dirname(file), { recursive: true });
  cpSync(join(root, path), file);
  return address;
}

export function stagePages(): void {
  rmSync(stage, { recursive: true, force: true });
  for (const { path, text } of readPages().values()) {
    const page = sitePathOf(path);
    if (!page) continue;
    const staged = withAddresses(text, (link) => addressOf(path, link));
    writePage(page, page === 'index.md' ? startPage(staged) : staged);
  }
  writePage('changelog.md', changelogPage());
  writePage('decisions/index.md', decisionsPage());
}

/** Above the text, the start page shows what the heading and the first sentence say. */
function startPage(text: string): string {
  // JSON is YAML too
  return `---\n${JSON.stringify(home)}\n---\n\n${text.replace(/^# .*\n+.*\n+/, '')}`;
}

function addressOf(path: string, link: string): string {
  const target = targetOf(path, link);
  if ('page' in target) return `/${target.page}${target.anchor}`;
  return 'picture' in target ? showPicture(target.picture) : target.url;
}
