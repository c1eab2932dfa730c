// The contact sheet shows what the model draws now, for the prompts that pages and `npm start` name.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createPromptCheck } from '@heurist/engine';
import { tinyIconsModels } from '@heurist/tiny-icons';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { cellAt, drawCell, SEEDS } from '../support/contact-sheet.ts';
import { startPainter } from '../support/draw-prompts.ts';
import { drawn, notDrawn } from '../support/example-prompts.ts';

const root = resolve(import.meta.dirname, '../../..');
const sheet = readFileSync(join(root, 'packages/network/tiny-icons/contact-sheet.png'));
const rows = [...drawn, ...notDrawn];
const pixels = async (image: Sharp) => await image.flatten({ background: '#ffffff' }).raw().toBuffer();

test('pictures are those of the sheet', async () => {
  const { width = 0, height = 0 } = await sharp(sheet).metadata();
  const last = cellAt(rows.length - 1, SEEDS - 1);
  expect([width, height]).toEqual([last.left + last.width, last.top + last.height]);
  const painter = await startPainter();
  // of the default, of one in the middle and of the last
  for (const [row, seed] of [
    [0, 0],
    [4, 5],
    [rows.length - 1, SEEDS - 1],
  ] as const) {
    const prompt = rows[row]!;
    const shown = await pixels(sharp(sheet).extract(cellAt(row, seed)));
    const now = await pixels(sharp(await drawCell(painter, prompt, seed)));
    const difference = shown.reduce((sum, value, index) => sum + Math.abs(value - now[index]!), 0) / shown.length;
    // the sheet has few colors
    expect(difference, `${prompt}: run "npm run bench -- contact-sheet" and look at it`).toBeLessThan(8);
  }
  await painter.close();
});

test('it is small', () => {
  expect(sheet.length).toBeLessThan(200_000);
});

test('the model knows what the prompts that it draws ask for, and not what the others do', async () => {
  const check = await createPromptCheck(join(tinyIconsModels, 'checkpoints/tiny-icons'));
  const isDrawn = (prompt: string) => check(prompt).isFamiliar && !check(prompt).unknown.length;
  expect([drawn.filter((prompt) => !isDrawn(prompt)), notDrawn.filter(isDrawn)]).toEqual([[], []]);
});

/** Pages whose prompts may go to that model: those of other workflows name them, or need a GPU. */
const PAGES = [
  'README.md',
  'packages/network/tiny-icons/README.md',
  'packages/{core,cli,dev,heurist}/README.md',
  'packages/workflows/{text2image,image2image,inpaint}/README.md',
  'docs/**/*.md',
];

/** Pages about graphs that need a GPU, and a prompt of theirs elsewhere. */
const WITH_GPU = /^docs\/workflows\/(?:flux-lora|text2video|image2video)\.md$|^docs\/start\/own-gpu\.md$/;

test('prompts of pages and of npm start are on the sheet', () => {
  const texts = globSync([...PAGES, 'apps/quickstart/src/main.ts'], { cwd: root })
    .filter((page) => !WITH_GPU.test(page))
    .map((page) => readFileSync(join(root, page), 'utf8'));
  const PROMPTS = /(?:prompt: '|--prompt "|\.trim\(\) \|\| ')([^'"$]+)['"]/g;
  const found = texts.flatMap((text) => [...text.matchAll(PROMPTS)].map(([, prompt]) => prompt!));
  expect(found.length).toBeGreaterThan(6);
  expect(found.filter((prompt) => !drawn.includes(prompt))).toEqual([]);
});
