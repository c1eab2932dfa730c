import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { writeForAssistants } from '../src/assistants.ts';
import { nav, sidebar } from '../src/navigation.ts';
import { cache, REPOSITORY, site, stage } from '../src/paths.ts';
import { readable } from '../src/readable.ts';
import { search } from '../src/search.ts';

export default defineConfig({
  title: 'Heurist SDK',
  description: 'Run ComfyUI workflows from your app with one typed call.',
  lang: 'en',
  // GitHub Pages serve a project below its name
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  srcDir: stage,
  outDir: site,
  cacheDir: cache,
  // pages link to headings as GitHub names them
  markdown: {
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  // pages say where a program of the reader's answers
  ignoreDeadLinks: 'localhostLinks',
  buildEnd: writeForAssistants,
  transformHtml: readable,
  themeConfig: {
    nav,
    sidebar,
    search: { provider: 'local', options: search },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    notFound: { quote: 'There is no page at this address. The search answers questions in your own words.' },
    footer: { message: 'MIT licensed.' },
  },
});
