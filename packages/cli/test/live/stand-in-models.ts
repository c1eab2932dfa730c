// Puts an empty file in place of every model that a workflow requires, for a ComfyUI that is to check graphs, not to run
// them: its validator looks at names only. Files that are there stay as they are.
//
//   node --conditions=@heurist/source packages/cli/test/live/stand-in-models.ts <ComfyUI>/models
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelRequirement } from '@heurist/core/definition';
import { workflows } from '../../src/workflows/workflows.ts';

const [folder] = process.argv.slice(2);
if (!folder || !existsSync(folder)) throw new Error('Give the `models` folder of a ComfyUI.');
const chosenByCaller = { folder: 'loras', filename: 'gecko.safetensors' };
const models: ModelRequirement[] = [...workflows.flatMap(({ requirements }) => requirements.models), chosenByCaller];
for (const model of models) {
  const path = (name: string) => join(folder, model.folder, name);
  // the engine's own: a folder, which ComfyUI does not know
  if (model.filename === 'tiny-icons') continue;
  // where a real alternative is there, an empty file would only keep it from being used
  if (model.alternatives?.some((name) => existsSync(path(name)))) continue;
  mkdirSync(path(''), { recursive: true });
  closeSync(openSync(path(model.filename), 'a'));
}
