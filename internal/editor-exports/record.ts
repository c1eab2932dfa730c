import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from './src/editor.ts';

// Writes what the editor of a ComfyUI exports for each graph of a folder: COMFYUI_URL=... record.ts FOLDER OUT

const [folder, out] = process.argv.slice(2);
const url = process.env.COMFYUI_URL;
if (!folder || !out || !url) throw new Error('Usage: COMFYUI_URL=http://127.0.0.1:8188 record.ts FOLDER OUT');

mkdirSync(out, { recursive: true });
const done = new Set(readdirSync(out));
const editor = await Editor.open(url);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && !done.has(name))) {
  const graph = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  if (!Array.isArray(graph.nodes)) continue;
  writeFileSync(join(out, file), JSON.stringify(await editor.export(graph)));
  console.log(file);
}
await editor.close();
