import sharp, { type OverlayOptions } from 'sharp';
import type { Painter } from './draw-prompts.ts';

/** Seeds of each prompt, from 0 on: nothing is picked. */
export const SEEDS = 10;
/** Width and height of a picture on the sheet, in pixels. */
const CELL = 56;
/** Height of the line above the pictures of a prompt. */
const LABEL = 18;
const WIDTH = SEEDS * CELL;
const ROW = LABEL + CELL;

/** Where a picture is on the sheet. */
export function cellAt(row: number, seed: number) {
  return { left: seed * CELL, top: row * ROW + LABEL, width: CELL, height: CELL };
}

/** A picture as large as on the sheet. */
export async function drawCell(painter: Painter, prompt: string, seed: number): Promise<Buffer> {
  return await sharp(await painter.draw(prompt, seed))
    .resize(CELL, CELL)
    .png()
    .toBuffer();
}

/** Draws prompts with ten seeds each on one sheet, as PNG. */
export async function drawContactSheet(painter: Painter, prompts: readonly string[]): Promise<Buffer> {
  const height = prompts.length * ROW;
  const parts: OverlayOptions[] = [{ input: labels(prompts, height), left: 0, top: 0 }];
  for (const [row, prompt] of prompts.entries())
    for (let seed = 0; seed < SEEDS; seed++)
      parts.push({ input: await drawCell(painter, prompt, seed), ...cellAt(row, seed) });
  const sheet = sharp({ create: { width: WIDTH, height, channels: 3, background: '#ffffff' } });
  return await sheet.composite(parts).png({ palette: true, colors: 64, effort: 10, dither: 0 }).toBuffer();
}

function labels(prompts: readonly string[], height: number): Buffer {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const lines = prompts.map((prompt, row) => `<text x="4" y="${row * ROW + LABEL - 5}">${escaped(prompt)}</text>`);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">${lines.join('')}</svg>`,
  );
}
