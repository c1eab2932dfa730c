import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type NodeDescription, shapesOf } from '@heurist/ui-graph/node-shapes';

// Writes the shapes that are shipped: record-shapes.ts SOURCE ... , each the address of a ComfyUI or a file with its
// `/object_info`. Of a class in several, the last counts.

const sources = process.argv.slice(2);
if (!sources.length) throw new Error('Usage: record-shapes.ts http://127.0.0.1:8188 or FILE ...');

const infos = await Promise.all(
  sources.map(async (source): Promise<Record<string, NodeDescription>> => {
    if (!/^https?:/.test(source)) return JSON.parse(readFileSync(source, 'utf8'));
    return (await (await fetch(new URL('/object_info', source))).json()) as Record<string, NodeDescription>;
  }),
);
const shapes = shapesOf(Object.assign({}, ...infos));
const packed = gzipSync(JSON.stringify(shapes), { level: 9 }).toString('base64');
const lines = packed.match(/.{1,110}/g)!.map((line) => `  '${line}'`);
writeFileSync(
  resolve(import.meta.dirname, '../../packages/ui-graph/src/recording.ts'),
  `/** Shapes of node classes: gzipped JSON, in base64. Written by \`internal/editor-exports/record-shapes.ts\`. */\nexport const recording = [\n${lines.join(',\n')},\n].join('');\n`,
);
console.log(`${Object.keys(shapes).length} classes, ${packed.length} bytes`);
