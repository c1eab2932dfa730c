import { resolve } from 'node:path';
import { type Plugin, type Rolldown, runnerImport } from 'vite';
import { LATER_ID } from '../shared/inline-scripts.ts';

type Bundle = Rolldown.OutputBundle;

const ROOT = '<div id="root"></div>';

/**
 * Puts the pages into the HTML, so that there is something to see and read before any script runs: `gallery.html` has all of the page
 * at `/gallery`, as far as it is known without a network and a browser; `tasks/id.html` the room of a task, whatever its id; `page.html`
 * says that there is no such page.
 */
export function prerender(): Plugin {
  return {
    name: 'prerender',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const index = bundle['index.html'];
      const html = index?.type === 'asset' ? String(index.source) : '';
      if (index?.type !== 'asset' || !html.includes(ROOT)) throw new Error(`The build has no index.html with ${ROOT}.`);
      const { pages, rooms } = await importPages();
      const emit = (fileName: string, source: string) => this.emitFile({ type: 'asset', fileName, source });
      const fill = (path: string, root: string) => loadWith(html, scriptsOf(path, bundle)).replace(ROOT, () => root);
      for (const [path, content] of Object.entries(pages)) {
        const page = fill(path, `<div id="root" data-page="${path}">${content}</div>`);
        if (path === '/') index.source = page;
        else emit(`${path.slice(1)}.html`, page);
      }
      for (const [file, content] of Object.entries(rooms))
        emit(file, fill(file === 'page.html' ? '/' : `/${file}`, `<div id="root">${content}</div>`));
    },
  };
}

/** What a page loads besides the scripts of all pages: `gallery-page.js` and what it imports, for `/gallery`; `task-page.js` for `/tasks`. */
function scriptsOf(path: string, bundle: Bundle): string[] {
  const [, section] = path.split('/');
  if (!section) return [];
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const names = [`${section}-page`, `${section.replace(/s$/, '')}-page`];
  const page = chunks.find(({ name, isDynamicEntry }) => isDynamicEntry && names.includes(name));
  if (!page) throw new Error(`The build has no script ${section}-page for ${path}.`);
  return [page.fileName, ...page.imports];
}

/** They are asked for together with the others, not once those have run. */
function loadWith(html: string, scripts: readonly string[]): string {
  const others = scripts.filter((name) => !html.includes(`"/${name}"`));
  const links = others.map((name) => `<link rel="modulepreload" crossorigin href="/${name}">`);
  return html.replace(`<template id="${LATER_ID}">`, (start) => start + links.join(''));
}

/** The workspace's own packages are read from their sources: they need not be built. */
const fromSources = { conditions: ['@heurist/source'], noExternal: [/^@heurist\//] };

async function importPages() {
  const path = resolve(import.meta.dirname, '../src/prerender.tsx');
  const settings = { logLevel: 'error', environments: { inline: { resolve: fromSources } } } as const;
  return (await runnerImport<typeof import('../src/prerender.tsx')>(path, settings)).module;
}
