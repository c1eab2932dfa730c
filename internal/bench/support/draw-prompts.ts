import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient } from '@heurist/comfyui';
import { createEngine } from '@heurist/engine';
import { definitions } from '@heurist/text2image/definition';
import { tinyIconsModels } from '@heurist/tiny-icons';

type Graph = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

/** The graph that draws on a CPU. */
const { graph } = definitions.find(({ workflow_id }) => workflow_id === 'tiny')! as unknown as { graph: Graph };

/** Draws pictures as `text2image` does on a local network. */
export interface Painter {
  /** A picture as PNG. */
  draw(prompt: string, seed: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Starts an engine of its own. */
export async function startPainter(): Promise<Painter> {
  const dataDir = mkdtempSync(join(tmpdir(), 'painter-'));
  const engine = await createEngine({ dataDir, models: [tinyIconsModels] });
  const client = new ComfyClient({ url: engine.url });
  return {
    async draw(prompt, seed) {
      const { outputs } = await client.run(graphOf(prompt, seed));
      const [output] = outputs;
      if (!output || output.kind === 'text') throw new Error(`"${prompt}" gave no picture.`);
      return Buffer.from(await (await client.view(output)).arrayBuffer());
    },
    async close() {
      await engine.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function graphOf(prompt: string, seed: number): Graph {
  const { pos, sampler } = graph;
  return {
    ...graph,
    pos: { ...pos!, inputs: { ...pos!.inputs, text: prompt } },
    sampler: { ...sampler!, inputs: { ...sampler!.inputs, seed } },
  };
}
