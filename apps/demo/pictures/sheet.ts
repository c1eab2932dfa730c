import sharp from 'sharp';

/** What a picture may have, and a sheet of six. */
export const MOST_BYTES = { picture: 80_000, sheet: 150_000 } as const;
const GAP = 16;

/**
 * Pictures at half their size, a row for each theme.
 *
 * @returns a PNG
 */
export async function sheetOf(rows: readonly (readonly Buffer[])[]): Promise<Buffer> {
  const placed: { input: Buffer; left: number; top: number }[] = [];
  let [width, top] = [0, GAP];
  for (const row of rows) {
    let [left, height] = [GAP, 0];
    for (const picture of row) {
      const half = await halfOf(picture);
      placed.push({ input: half.data, left, top });
      left += half.info.width + GAP;
      height = Math.max(height, half.info.height);
    }
    width = Math.max(width, left);
    top += height + GAP;
  }
  const empty = { width, height: top, channels: 3, background: '#8b8b96' } as const;
  return await sharp({ create: empty }).composite(placed).png().toBuffer();
}

async function halfOf(picture: Buffer) {
  const { width = 0, height = 0 } = await sharp(picture).metadata();
  return await sharp(picture)
    .resize(width / 2, height / 2)
    .png()
    .toBuffer({ resolveWithObject: true });
}

/**
 * As small as a page may carry.
 *
 * @throws {Error} if it cannot be made as small as that
 */
export async function asWebp(picture: Buffer, mostBytes: number): Promise<Buffer> {
  for (const quality of [75, 65, 55, 45]) {
    const bytes = await sharp(picture).webp({ quality, effort: 6, smartSubsample: true }).toBuffer();
    if (bytes.length <= mostBytes) return bytes;
  }
  throw new Error(`A picture has more than ${mostBytes} bytes at the lowest quality: show less in it.`);
}
