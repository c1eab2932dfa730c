import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { ModelRequirement, WorkflowDefinition } from '@heurist/core/definition';
import { CommandError } from '../output/command-error.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { bar } from '../output/progress-view.ts';
import { textTable } from '../output/text-table.ts';
import { downloadFile } from '../system/download-file.ts';
import { spell } from '../system/spelling.ts';

/** Options of `heurist miner setup`. */
export interface MinerSetupOptions {
  /** ComfyUI's `models` folder. */
  models?: string;
  /** Download without asking. */
  yes?: boolean;
}

/** A model file to download. */
interface Missing extends ModelRequirement {
  path: string;
}

/** Space to leave free on the disk. */
const SPARE_BYTES = 1e9;

/** Downloads the model files that workflows need and a ComfyUI does not have, after asking. */
export async function minerSetup(
  names: readonly string[],
  { models: folder, yes = false }: MinerSetupOptions,
  workflows: readonly WorkflowDefinition[],
): Promise<void> {
  if (!folder || !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandError(
      folder
        ? `${existsSync(folder) ? `${folder} is a file` : `The folder ${folder} does not exist`}. Pass the "models" folder of your ComfyUI.`
        : 'No models folder. Pass --models ~/ComfyUI/models, or set COMFYUI_MODELS.',
    );
  const missing = findMissing(pick(names, workflows), folder);
  if (!missing.length) return void process.stdout.write('All model files are in place.\n');
  const known = missing.filter(({ url }) => url);
  const total = known.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  process.stdout.write(`${describe(missing)}\n`);
  if (!known.length) return;
  await checkSpace(folder, total);
  if (
    !yes &&
    !(await agrees(
      `Download ${known.length} ${known.length === 1 ? 'file' : 'files'}, about ${formatBytes(total)}, into ${folder}?`,
    ))
  )
    return;
  for (const model of known) await fetchModel(model);
  process.stdout.write(
    `Done. ComfyUI finds new files by itself; \`${spell('miner check')}\` lists what it can run now.\n`,
  );
}

function pick(names: readonly string[], workflows: readonly WorkflowDefinition[]): WorkflowDefinition[] {
  return names.flatMap((name) => {
    const found = workflows.filter(({ workflow_id }) => workflow_id === name);
    if (found.length) return found;
    const known = workflows.map(({ workflow_id }) => workflow_id).join(', ');
    throw new CommandError(`Unknown workflow "${name}". Use one of: ${known}.`);
  });
}

function findMissing(workflows: readonly WorkflowDefinition[], folder: string): Missing[] {
  const missing = new Map<string, Missing>();
  for (const model of workflows.flatMap(({ requirements }) => requirements.models)) {
    const pathOf = (name: string) => inside(folder, model.folder, name);
    const isThere = [model.filename, ...(model.alternatives ?? [])].some((name) => existsSync(pathOf(name)));
    const path = pathOf(model.filename);
    if (!isThere) missing.set(path, { ...model, path });
  }
  return [...missing.values()];
}

/** Workflow packages come from third parties: their files must stay inside the folder. */
function inside(folder: string, ...parts: string[]): string {
  const root = resolve(folder) + sep;
  const path = resolve(folder, ...parts);
  if (path.startsWith(root)) return path;
  throw new CommandError(
    `The model file ${parts.join('/')} would be written outside ${folder}. Do not use this workflow.`,
  );
}

function describe(missing: readonly Missing[]): string {
  const rows = missing.map(({ folder, filename, bytes, url }) => [
    `${folder}/${filename}`,
    bytes ? formatBytes(bytes) : '?',
    url ?? 'source unknown: add it yourself',
  ]);
  return textTable([['model file', 'size', 'from'], ...rows]).join('\n');
}

async function checkSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + SPARE_BYTES)
    throw new CommandError(
      `${folder} has ${formatBytes(free)} free; the downloads need ${formatBytes(bytes)}. Free up space first.`,
    );
}

async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError(`${question} Not an interactive terminal; pass --yes.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function fetchModel({ url = '', path, sha256, filename }: Missing): Promise<void> {
  const { HF_TOKEN } = process.env;
  const isHuggingFace = new URL(url).hostname === 'huggingface.co';
  const show = createDownloadView(filename);
  const hash = await downloadFile({
    url,
    path,
    sha256,
    headers: HF_TOKEN && isHuggingFace ? { authorization: `Bearer ${HF_TOKEN}` } : undefined,
    onProgress: show,
  });
  const checked = hash ? 'SHA-256 verified' : 'SHA-256 unknown';
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001B[K' : ''}${filename}: done, ${checked}\n`);
}

/** On a terminal, one line that changes; elsewhere, one line per ten percent. */
function createDownloadView(name: string) {
  const start = Date.now();
  let last = '';
  let first: number | undefined;
  return (bytes: number, total: number | undefined) => {
    first ??= bytes;
    const percent = total ? Math.floor((bytes / total) * 100) : 0;
    const { isTTY } = process.stderr;
    const step = isTTY ? `${Math.floor((Date.now() - start) / 200)}` : `${Math.floor(percent / 10)}`;
    if (step === last) return;
    last = step;
    const rate = (bytes - first) / Math.max(1, Date.now() - start);
    const left = total && rate > 0 ? `, ${Math.ceil((total - bytes) / rate / 1000)} s left` : '';
    const line = `${name} ${bar(percent)} ${percent} % of ${total ? formatBytes(total) : 'unknown size'}${left}`;
    process.stderr.write(isTTY ? `\r\u001B[K${line}` : `${line}\n`);
  };
}
