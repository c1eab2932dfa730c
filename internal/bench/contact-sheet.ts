// What the model of a local network makes of the example prompts, ten seeds each: writes the sheet that the page of tiny-icons
// shows. With prompts of your own (`npm run bench -- contact-sheet "a cat" "a tree"`), writes out/contact-sheet.png.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { drawContactSheet } from './support/contact-sheet.ts';
import { startPainter } from './support/draw-prompts.ts';
import { drawn, notDrawn } from './support/example-prompts.ts';

const asked = process.argv.slice(2);
const root = resolve(import.meta.dirname, '../..');
const path = resolve(root, asked.length ? 'out/contact-sheet.png' : 'packages/network/tiny-icons/contact-sheet.png');
const painter = await startPainter();
const sheet = await drawContactSheet(painter, asked.length ? asked : [...drawn, ...notDrawn]);
await painter.close();
mkdirSync(resolve(root, 'out'), { recursive: true });
writeFileSync(path, sheet);
console.log(`${path} (${(sheet.length / 1e3).toFixed(0)} kB): look at it.`);
process.exit(0);
