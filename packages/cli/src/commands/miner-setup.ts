import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { ModelRequirement, WorkflowDefinition } from '@heurist/core/definition';
import { downloadFile } from '../download-file.ts';
import { formatBytes } from '../format-bytes.ts';
import { invalid } from '../invalid.ts';
import { bar } from '../progress-view.ts';
import { textTable } from '../text-table.ts';

/** Options of `heurist miner setup`. */
export interface MinerSetupOptions {
  /** ComfyUI's folder `models`. */
  models?: string;
  /** Do not ask. */
  yes?: boolean;
}

/** A model file that has to be fetched. */
interface Missing extends ModelRequirement {
  path: string;
}

/** What is left free on the disk. */
const SPARE_BYTES = 1e9;

/** Downloads the model files that workflows need and a ComfyUI does not have, after asking. */
export async function minerSetup(
  names: readonly string[],
  { models: folder, yes = false }: MinerSetupOptions,
  workflows: readonly WorkflowDefinition[],
): Promise<void> {
  if (!folder || !existsSync(folder))
    throw invalid(
      folder
        ? `There is no folder ${folder}. Name the folder "models" of your ComfyUI.`
        : "Name your ComfyUI's folder of models: --models ~/ComfyUI/models, or COMFYUI_MODELS.",
    );
  const missing = findMissing(pick(names, workflows), folder);
  if (!missing.length) return void process.stdout.write('Every model file is there.\n');
  const known = missing.filter(({ url }) => url);
  const total = known.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  process.stdout.write(`${describe(missing)}\n`);
  if (!known.length) return;
  await checkSpace(folder, total);
  if (!yes && !(await agrees(`Download ${known.length} files, about ${formatBytes(total)}, into ${folder}?`))) return;
  for (const model of known) await fetchModel(model);
  process.stdout.write('Done. `heurist miner check` says what runs now; ComfyUI sees new files by itself.\n');
}

function pick(names: readonly string[], workflows: readonly WorkflowDefinition[]): WorkflowDefinition[] {
  return names.flatMap((name) => {
    const found = workflows.filter(({ workflow_id }) => workflow_id === name);
    if (found.length) return found;
    throw invalid(`There is no workflow "${name}". There is: ${workflows.map((one) => one.workflow_id).join(', ')}.`);
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

/** A workflow package comes from somebody else: its files go below the folder, and nowhere else. */
function inside(folder: string, ...parts: string[]): string {
  const root = resolve(folder) + sep;
  const path = resolve(folder, ...parts);
  if (path.startsWith(root)) return path;
  throw invalid(`The model file ${parts.join('/')} would be outside of ${folder}: do not use this workflow.`);
}

function describe(missing: readonly Missing[]): string {
  const rows = missing.map(({ folder, filename, bytes, url }) => [
    `${folder}/${filename}`,
    bytes ? formatBytes(bytes) : '?',
    url ?? 'no address is known: get it yourself',
  ]);
  return textTable([['model file', 'size', 'from'], ...rows]).join('\n');
}

async function checkSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + SPARE_BYTES)
    throw invalid(
      `The disk of ${folder} has ${formatBytes(free)} free, and ${formatBytes(bytes)} are to come. Make room first.`,
    );
}

async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw invalid(`${question} Nobody is there to answer: add --yes.`);
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
  const checked = hash ? 'SHA-256 is right' : 'no SHA-256 is known';
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001B[K' : ''}${filename}: done, ${checked}\n`);
}

/** A terminal gets one line that changes, anything else a line for every ten percent. */
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
