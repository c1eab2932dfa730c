// Every Markdown page of the repository, read once.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import GithubSlugger from 'github-slugger';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as textOf } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';

export const root = resolve(import.meta.dirname, '../../..');

/** A block of code on a page. */
export interface Fence {
  /** Such as `README.md:12`. */
  place: string;
  language: string;
  /** What follows the language, for the tests to read: GitHub does not show it. */
  note: string;
  code: string;
}

/** Something on a page that names something else. */
export interface Mention {
  /** Such as `README.md:12`. */
  place: string;
  /** The address of a link or picture, or the code within a sentence. */
  text: string;
}

export interface Page {
  /** From the root of the repository. */
  path: string;
  text: string;
  fences: Fence[];
  /** Code within sentences and tables. */
  spans: Mention[];
  /** Addresses of links and pictures. */
  links: Mention[];
  /** What `#...` may name on this page. */
  anchors: Set<string>;
}

/** Written by a tool, or not ours. */
const FOREIGN =
  /(^|\/)(node_modules|dist|out|\.pack|\.changeset|\.turbo)(\/|$)|CHANGELOG\.md$|own-workflow\/photo-glow\/README\.md$/;

/** Every page, by its path. */
export function readPages(): Map<string, Page> {
  const paths = globSync(['**/*.md', '.github/**/*.md'], { cwd: root, exclude: (path) => FOREIGN.test(path) });
  return new Map(
    paths
      .filter((path) => !FOREIGN.test(path))
      .sort()
      .map((path) => [path, readPage(path, readFileSync(join(root, path), 'utf8'))]),
  );
}

export function readPage(path: string, text: string): Page {
  const page: Page = { path, text, fences: [], spans: [], links: [], anchors: new Set() };
  const slugger = new GithubSlugger();
  visit(fromMarkdown(text), (node) => addNode(page, node, slugger));
  return page;
}

function addNode(page: Page, node: Nodes, slugger: GithubSlugger): void {
  const place = `${page.path}:${node.position?.start.line}`;
  if (node.type === 'code')
    page.fences.push({ place, language: node.lang ?? '', note: node.meta ?? '', code: node.value });
  else if (node.type === 'inlineCode') page.spans.push({ place, text: node.value });
  else if (node.type === 'heading') page.anchors.add(slugger.slug(textOf(node)));
  else if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
    page.links.push({ place, text: node.url });
  else if (node.type === 'html') {
    for (const [, address] of node.value.matchAll(/\s(?:href|src|srcset)="([^"]+)"/g))
      page.links.push({ place, text: address! });
    for (const [, name] of node.value.matchAll(/\s(?:id|name)="([^"]+)"/g)) page.anchors.add(name!);
  }
}
