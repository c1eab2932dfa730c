import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePacked } from '@heurist/test-servers/packed';
import { templatesPath } from './src/templates.ts';

// Packs a folder of graphs and what `record.ts` wrote for them into the fixture of the tests: pack.ts FOLDER EXPORTS

const [folder, exports] = process.argv.slice(2);
if (!folder || !exports) throw new Error('Usage: pack.ts FOLDER EXPORTS');

type Json = Record<string, unknown>;

/** Looks of a node: no conversion reads them. */
const LOOKS = ['pos', 'size', 'color', 'bgcolor', 'flags', 'order'];
/** Properties of nodes that matter. */
const PROPERTIES = new Set(['proxyWidgets', 'cnr_id', 'aux_id']);

const without = (from: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

function stripNode(node: Json): Json {
  const properties = Object.entries((node.properties ?? {}) as Json).filter(([name]) => PROPERTIES.has(name));
  // texts for readers are much of a file
  const isNote = /^(Markdown)?Note$/.test(String(node.type));
  return { ...without(node, LOOKS), properties: Object.fromEntries(properties), ...(isNote && { widgets_values: [] }) };
}

function strip(graph: Json): Json {
  const nodes = (graph.nodes as Json[]).map(stripNode);
  const definitions = graph.definitions as { subgraphs?: Json[] } | undefined;
  const subgraphs = definitions?.subgraphs?.map(strip);
  return { ...without(graph, ['groups', 'extra', 'config']), nodes, ...(subgraphs && { definitions: { subgraphs } }) };
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const pairs = readdirSync(exports)
  .toSorted()
  .map((file) => [
    file.replace(/\.json$/, ''),
    { file: strip(read(join(folder, file))), exported: read(join(exports, file)) },
  ]);
const size = writePacked(templatesPath, Object.fromEntries(pairs));
console.log(`${pairs.length} graphs, ${size} bytes`);
