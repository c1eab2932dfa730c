import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { choicesOf, type InputSpec, liveInputs, type ObjectInfo, validateGraph } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';

// Files without content in place of those that graphs name: a server looks at names only when it checks a graph.

/** A file that stands for all of its folder: which choices it is among tells which folder they are of. */
const probe = (folder: string) => `stand-in-of-${folder}.safetensors`;

/** No file has a name that is longer; texts that stand where a model is named do. */
const LONGEST_NAME = 200;

/** Makes a file without content. What leads out of the folder, or is no name, is left out. */
export function standIn(folder: string, name: string): void {
  const inside = normalize(name);
  if (inside.length > LONGEST_NAME || inside.endsWith('/') || /^(\.|\/|$)/.test(inside)) return;
  mkdirSync(dirname(join(folder, inside)), { recursive: true });
  closeSync(openSync(join(folder, inside), 'a'));
}

/** Puts a probe into each folder of models. */
export function addProbes(models: string, folders: readonly string[]): void {
  for (const folder of folders) standIn(join(models, folder), probe(folder));
}

/** Puts a stand-in in place of each model that the graphs name, and takes the probes away. */
export function addModels(
  models: string,
  folders: readonly string[],
  graphs: readonly Graph[],
  info: ObjectInfo,
): void {
  for (const graph of graphs)
    for (const { class_type, inputs } of Object.values(graph)) {
      const about = info[class_type];
      if (!about) continue;
      for (const [input, { written }] of liveInputs(about, inputs)) {
        const choices = (Array.isArray(written) && choicesOf(written as unknown as InputSpec)) || [];
        const folder = folders.find((one) => choices.includes(probe(one)));
        const name = inputs[input];
        if (folder && typeof name === 'string' && !choices.includes(name)) standIn(join(models, folder), name);
      }
    }
  for (const folder of folders) rmSync(join(models, folder, probe(folder)), { force: true });
}

/** The input files that the graphs name. */
export function inputFilesOf(graphs: readonly Graph[], info: ObjectInfo): string[] {
  const names = new Set<string>();
  const hasInputFile = (name: string) => {
    names.add(name);
    return true;
  };
  for (const graph of graphs) validateGraph(graph, info, { hasInputFile });
  return [...names].toSorted();
}
