import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, constants } from 'node:zlib';
import type { Graph } from '@heurist/core/definition';
import { convertUiGraph } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';

/** What a person who looked at a graph would set: `node.input`, or the ids of output nodes. */
export type Label = Partial<Record<'prompt' | 'negative' | 'seed' | 'size' | 'files' | 'outputs', string[]>>;

const labels = join(import.meta.dirname, '../fixtures/labels');
const templates = join(import.meta.dirname, '../../../internal/editor-exports/fixtures/templates.json.br');

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** Labels by the name of their graph. */
export const readLabels = (name: string): Record<string, Label> => read(join(labels, `${name}.json`));

/** The graphs that labels may be of: official templates that can be converted, and graphs of current models. */
export function readGraphs(shapes: NodeShapes): Record<string, Graph | null> {
  const packed = brotliDecompressSync(readFileSync(templates), {
    params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 },
  });
  const files: Record<string, { file: unknown }> = JSON.parse(packed.toString());
  const converted = Object.entries(files).flatMap(([name, { file }]): [string, Graph][] => {
    const { graph, unknown } = convertUiGraph(file, shapes);
    return unknown.length ? [] : [[name, graph as Graph]];
  });
  // of those that nobody drew, only the name is kept
  return { ...Object.fromEntries(converted), ...read(join(labels, 'reference-graphs.json')) };
}

/** Draws names, the same for the same seed (Mulberry32). */
export function draw(names: readonly string[], count: number, seed: number): string[] {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const left = names.toSorted();
  return Array.from({ length: count }, () => left.splice(Math.floor(next() * left.length), 1)[0]!);
}
