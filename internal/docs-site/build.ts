// Builds the site into out/site: `npm run docs`. `--without-reference` leaves out what takes longest.
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { stagePages } from './src/stage.ts';

const { values } = parseArgs({ options: { 'without-reference': { type: 'boolean', default: false } } });
stagePages();
if (!values['without-reference']) await (await import('./src/reference.ts')).writeReference();
await build(import.meta.dirname);
