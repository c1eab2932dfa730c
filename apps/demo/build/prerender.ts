import { resolve } from 'node:path';
import { type Plugin, runnerImport } from 'vite';

const ROOT = '<div id="root"></div>';

/**
 * Puts the first page into the HTML, so that there is something to see and read before any script runs: `index.html` has all of the
 * page at `/`, `page.html` the frame of every other.
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
      const { renderPage } = await importRenderer();
      index.source = html.replace(ROOT, () => `<div id="root" data-page="/">${renderPage('/')}</div>`);
      const frame = html.replace(ROOT, () => `<div id="root">${renderPage('/gallery')}</div>`);
      this.emitFile({ type: 'asset', fileName: 'page.html', source: frame });
    },
  };
}

async function importRenderer() {
  const path = resolve(import.meta.dirname, '../src/prerender.tsx');
  const settings = { configFile: false, logLevel: 'error' } as const;
  return (await runnerImport<typeof import('../src/prerender.tsx')>(path, settings)).module;
}
