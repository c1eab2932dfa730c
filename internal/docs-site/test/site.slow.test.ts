// The whole site with its reference, as it is published; and the pictures, made once more.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { families } from '../src/generated/families.ts';
import { makePictures } from '../src/generated/make-pictures.ts';
import { pictures } from '../src/paths.ts';
import { buildSite, builtPages } from './built-site.ts';

test('the site is built with a page for every import', async () => {
  await buildSite();
  const addresses = [...builtPages().keys()].filter((address) => address.startsWith('/reference/'));
  expect(addresses.length).toBeGreaterThan(35);
}, 300_000);

test('the pictures of workflows are what the engine makes', async () => {
  for (const [name, made] of await makePictures(families)) {
    const [here, there] = await Promise.all([made, readFileSync(join(pictures, name))].map(pixels));
    expect([name, here!.length]).toEqual([name, there!.length]);
    const off = here!.reduce((sum, value, index) => sum + Math.abs(value - there![index]!), 0) / here!.length;
    // processors round in their own ways
    expect([name, off < 1]).toEqual([name, true]);
  }
}, 300_000);

const pixels = async (picture: Buffer) => await sharp(picture).removeAlpha().raw().toBuffer();
