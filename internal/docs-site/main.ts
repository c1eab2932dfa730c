// `npm run docs`: builds the site into out/site. `-- serve` shows it too, `-- pictures` makes the pictures of docs/workflows anew.
// `--without-reference` leaves out what takes longest.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pictures } from './src/paths.ts';

const { values, positionals } = parseArgs({
  options: { 'without-reference': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [command = 'build'] = positionals;
const commands: Readonly<Record<string, () => Promise<void>>> = { build, serve, pictures: makePictures };
const run = commands[command];
if (!run) throw new Error(`Unknown command "${command}": use ${Object.keys(commands).join(', ')}.`);
await run();

async function build(): Promise<void> {
  // Vue and VitePress are larger and slower otherwise
  process.env.NODE_ENV = 'production';
  const [vitepress, { stagePages }] = await Promise.all([import('vitepress'), import('./src/stage.ts')]);
  stagePages();
  if (!values['without-reference']) await (await import('./src/reference.ts')).writeReference();
  await vitepress.build(import.meta.dirname);
}

async function serve(): Promise<void> {
  await build();
  await (await import('vitepress')).serve({ root: import.meta.dirname, port: 4173 });
}

async function makePictures(): Promise<void> {
  const { families } = await import('./src/generated/families.ts');
  const { makePictures: make } = await import('./src/generated/make-pictures.ts');
  for (const [name, bytes] of await make(families)) {
    writeFileSync(join(pictures, name), bytes);
    console.log(`${name}: ${bytes.length} bytes`);
  }
}
