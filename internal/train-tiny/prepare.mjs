// Renders openly licensed icon sets to one file of RGBA pictures and one of their names: the training data.
//
//   npm install && node prepare.mjs data
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 128;
/** Drawn flat, with licences that ask for a notice at most: Apache-2.0, MIT, CC-BY-4.0. */
const SETS = ['noto', 'fluent-emoji-flat', 'twemoji'];
/** Emojibase's groups that hold things: smileys, nature, food, places, activities, objects, symbols. */
const GROUPS = new Set([0, 3, 4, 5, 6, 7, 8]);
const SYMBOLS = /heart|circle|square|star|sparkle|arrow|check|cross|plus|minus|note|recycl|yin|peace|diamond|sun|moon/;
const CLOCKS = /o.clock|thirty$/;

const require = createRequire(import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(require.resolve(path), 'utf8'));
const emoji = require('emojibase-data/en/data.json');
const keywords = require('emojilib');
const icons = Object.fromEntries(SETS.map((set) => [set, readJson(`@iconify-json/${set}/icons.json`)]));
const chars = Object.fromEntries(SETS.map((set) => [set, readJson(`@iconify-json/${set}/chars.json`)]));

/** The icon of a set for an emoji, as SVG. */
function svgOf(set, hexcode) {
  const hex = hexcode.toLowerCase();
  const name = chars[set][hex] ?? chars[set][hex.replaceAll('-fe0f', '')];
  const icon = name && icons[set].icons[name];
  if (!icon) return undefined;
  const width = icon.width ?? icons[set].width ?? 16;
  const height = icon.height ?? icons[set].height ?? 16;
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${box}" width="${SIZE}" height="${SIZE}">${icon.body}</svg>`;
}

function isThing({ group, label }) {
  return GROUPS.has(group) && !CLOCKS.test(label) && (group !== 8 || SYMBOLS.test(label));
}

const [folder = 'data'] = process.argv.slice(2);
const pictures = [];
const names = [];
/** Emoji that stand for words in a prompt. */
const aliases = {};
for (const { hexcode, emoji: character, label, tags = [], group } of emoji.filter(isThing))
  for (const set of SETS) {
    const svg = svgOf(set, hexcode);
    if (!svg) continue;
    const options = { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } };
    aliases[character.replaceAll('\uFE0F', '')] =
      label
        .toLowerCase()
        .match(/[a-z0-9]+/g)
        ?.join(' ') ?? '';
    pictures.push(await sharp(Buffer.from(svg)).resize(SIZE, SIZE, options).ensureAlpha().raw().toBuffer());
    names.push({ set, label, group, keywords: [...new Set([...tags, ...(keywords[character] ?? []).slice(1)])] });
  }
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'icons.rgba'), Buffer.concat(pictures));
writeFileSync(join(folder, 'aliases.json'), JSON.stringify(aliases));
writeFileSync(join(folder, 'icons.json'), JSON.stringify({ size: SIZE, icons: names }));
console.log(`${names.length} pictures of ${new Set(names.map(({ label }) => label)).size} concepts`);
