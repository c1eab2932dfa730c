import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { IndexHtmlTransformContext, Plugin } from 'vite';
import { LATER_ID, LATER_SCRIPT } from '../shared/inline-scripts.ts';

type Bundle = NonNullable<IndexHtmlTransformContext['bundle']>;

/** Files that become smaller; pictures are compressed already. */
const TEXTS = ['.css', '.html', '.js', '.json', '.svg', '.txt'];

/** Makes the built page load fast: its style sheet is inside, scripts wait for the first paint, and texts have compressed copies. */
export function tidyPage(): Plugin {
  return {
    name: 'tidy-page',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) => loadScriptsLater(putStylesInside(html, bundle)),
    },
    writeBundle({ dir = '' }) {
      for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
        if (TEXTS.includes(extname(file))) writeCompressed(join(dir, file));
    },
  };
}

/** No picture of the page waits for a second request then. The file stays: a script that loads later may ask for the styles of all before it. */
function putStylesInside(html: string, bundle: Bundle): string {
  let page = html;
  for (const [link = '', name = ''] of html.matchAll(/<link rel="stylesheet"[^>]* href="\/([^"]+)">/g)) {
    const file = bundle[name];
    if (file?.type !== 'asset') continue;
    page = page.replace(link, () => `<style>${String(file.source).trim()}</style>`);
  }
  return page;
}

/** Scripts, and what they need at once. */
const SCRIPTS = /\s*(<script type="module"[^>]*><\/script>|<link rel="(?:modulepreload|preload)"[^>]*>)/g;

/** They are not needed to see the page: it is in the HTML. */
function loadScriptsLater(html: string): string {
  const later = Array.from(html.matchAll(SCRIPTS), ([, tag]) => tag);
  const end = `<template id="${LATER_ID}">${later.join('')}</template><script>${LATER_SCRIPT}</script></body>`;
  return html.replaceAll(SCRIPTS, '').replace('</body>', () => end);
}

/** `serveStatic` finds them beside the file. */
function writeCompressed(path: string): void {
  const content = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(content));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
