import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ComfyClient, type ComfyOutput } from '@heurist/comfyui';
import { bind, type WorkflowDefinition, wireSchema } from '@heurist/core/definition';
import { options } from '@heurist/core/parameters';
import { safeFilename } from '@heurist/core/protocol';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { run } from '../commands/run.ts';
import type { StartDevNetwork } from '../network/local-network.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { optionPieces } from './option-pieces.ts';
import { definitionOf, type WorkflowPlan } from './plan-workflow.ts';

/** Where a graph is tried, and where its results go. */
export interface TryPlace {
  out: string;
  /** Address of a ComfyUI. Default: a local network. */
  comfyui?: string | undefined;
  startLocalNetwork?: StartDevNetwork | undefined;
}

/** How long a local network may take, in seconds. */
const TIMEOUT = 600;

/**
 * Runs a planned workflow once, and saves what it makes.
 *
 * @param files - parameter -> path of the file; the other parameters keep the graph's values
 */
export async function tryPlan(plan: WorkflowPlan, files: Record<string, string>, place: TryPlace): Promise<void> {
  const shape = Object.assign({}, ...optionPieces(plan.parameters).map((piece) => piece.shape));
  const definition = definitionOf(plan, wireSchema(options(shape)));
  const { out, comfyui, startLocalNetwork } = place;
  if (comfyui) return await tryOnServer(definition, files, comfyui, out);
  const required = plan.parameters.filter(({ isRequired, file }) => isRequired && !file);
  const parameters = { ...Object.fromEntries(required.map(({ name, value }) => [name, value])), ...files };
  const runnable = { name: plan.name, title: plan.name, definition, local: definition, namesGraph: true };
  await run(runnable, parameters, { local: true, out, timeout: TIMEOUT }, startLocalNetwork);
}

async function tryOnServer(
  definition: WorkflowDefinition,
  files: Record<string, string>,
  url: string,
  out: string,
): Promise<void> {
  checkFolder(out);
  const client = new ComfyClient({ url });
  const given = Object.entries(files).map(async ([name, path]) => {
    const bytes = await openAsBlob(path).catch((cause) => {
      throw new CommandError(`"${path}" cannot be read (${cause.code}). Check the path.`, {
        code: 'invalid_input',
        cause,
      });
    });
    return [name, await client.upload({ bytes, filename: basename(path) })];
  });
  const graph = bind(definition, Object.fromEntries(await Promise.all(given)));
  process.stderr.write(`Running on ${hideCredentials(url)} ...\n`);
  const { outputs } = await client.run(graph);
  const wanted = outputs.filter(({ node_id }) => definition.outputs.includes(node_id));
  if (!wanted.length) throw new CommandError('The graph ran and made nothing at its outputs. Choose other outputs.');
  for (const [index, output] of wanted.entries()) await save(client, output, resolve(out), index);
}

/** Texts are printed, files are saved. */
async function save(client: ComfyClient, output: ComfyOutput, folder: string, index: number): Promise<void> {
  if (output.kind === 'text') return void process.stdout.write(`${output.text}\n`);
  const blob = await client.view(output);
  const path = join(folder, `try-${index + 1}-${safeFilename(output.filename, blob.type)}`);
  await writeFile(path, new Uint8Array(await blob.arrayBuffer()));
  process.stdout.write(`${path}\n`);
}
