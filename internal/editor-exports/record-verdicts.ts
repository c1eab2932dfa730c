import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ObjectInfo } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { findComfyui, startComfyui } from '@heurist/test-servers/comfyui';
import { writePacked } from '@heurist/test-servers/packed';
import { currentObjectInfoPath } from '@heurist/test-servers/recordings';
import { compactInfo } from './src/compact-info.ts';
import { VerdictServer } from './src/server.ts';
import { spoiledGraphs } from './src/spoil/spoiled-graphs.ts';
import { addModels, addProbes, inputFilesOf, standIn } from './src/stand-ins.ts';
import { readTemplates } from './src/templates.ts';
import { isTaken, type Verdict } from './src/verdict.ts';

// Writes what a real ComfyUI says of the exported templates and of spoiled ones. It starts one of its own, with files without
// content in place of all that the templates name: COMFYUI_FOLDER=... [COMFYUI_PYTHON=...] record-verdicts.ts

const place = findComfyui();
if (typeof place === 'string') throw new Error(`No ComfyUI: ${place}.`);

const templates = readTemplates<Graph>();
const graphs = Object.values(templates).map(({ exported }) => exported);
const home = mkdtempSync(join(tmpdir(), 'comfyui-'));
const models = join(home, 'kept-models');
mkdirSync(models);
const comfyui = await startComfyui(place, home, models);
try {
  const server = new VerdictServer(comfyui.url);
  const folders = await server.get<string[]>('/models');
  addProbes(models, folders);
  addModels(models, folders, graphs, await server.get<ObjectInfo>('/object_info'));
  const described = await server.get<ObjectInfo>('/object_info');
  const inputs = inputFilesOf(graphs, described);
  for (const name of inputs) standIn(join(home, 'input'), name);

  const info = compactInfo(await server.get<ObjectInfo>('/object_info'));
  const { system } = await server.get<{ system: { comfyui_version: string } }>('/system_stats');
  const taken: Record<string, Verdict> = {};
  for (const [name, { exported }] of Object.entries(templates)) taken[name] = await server.ask(exported);
  const sound = Object.keys(taken).filter((name) => isTaken(taken[name]!));
  const spoiled: Record<string, Verdict> = {};
  for (const { name, graph } of spoiledGraphs(templates, sound, info)) spoiled[name] = await server.ask(graph);

  const size = writePacked(currentObjectInfoPath, info);
  const verdicts = { comfyui: system.comfyui_version, inputs, templates: taken, spoiled };
  writeFileSync(resolve(import.meta.dirname, 'fixtures/verdicts.json'), `${JSON.stringify(verdicts)}\n`);
  console.log(`${sound.length} of ${graphs.length} templates taken, ${Object.keys(spoiled).length} spoiled graphs`);
  console.log(`${Object.keys(info).length} classes, ${size} bytes`);
} finally {
  await comfyui.stop();
  rmSync(home, { recursive: true, force: true });
}
