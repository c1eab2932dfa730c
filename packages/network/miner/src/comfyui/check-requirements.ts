import type { ComfyClient, ObjectInfo } from '@heurist/comfyui';
import type { TaskVersions } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { readVersions, versionsOf } from './versions.ts';

/** Whether a ComfyUI can run a workflow, and with which files. */
export interface WorkflowCheck {
  workflow_id: string;
  definition: WorkflowDefinition;
  /** Name in the graph -> name to use, if they differ. */
  models: Record<string, string>;
  /** What is missing and where to get it, one line each. Empty: the workflow can run. */
  missing: string[];
  /** The same in names: node classes, and model files with their folders. */
  lacks: { nodes: string[]; models: string[] };
}

/** A check against a running server. */
export interface ServerCheck extends WorkflowCheck {
  /** The versions that the workflow would run with. */
  versions: TaskVersions;
  /** What the server says about its node classes. */
  info: ObjectInfo;
}

/** Asks a ComfyUI which of these workflows it can run. */
export async function checkWorkflows(
  comfyui: ComfyClient,
  workflows: readonly WorkflowDefinition[],
): Promise<ServerCheck[]> {
  const folders = new Set(workflows.flatMap(({ requirements }) => requirements.models.map(({ folder }) => folder)));
  const [info, server, names] = await Promise.all([
    comfyui.objectInfo(),
    readVersions(comfyui, folders),
    Promise.all([...folders].map(async (folder) => [folder, await comfyui.models(folder)] as const)),
  ]);
  const nodes = new Set(Object.keys(info));
  const files = new Map(names);
  return workflows.map((definition) => {
    const check = checkWorkflow(definition, nodes, files);
    return { ...check, info, versions: versionsOf(definition, check.models, info, server) };
  });
}

/** Compares a workflow's requirements with what a server has. */
export function checkWorkflow(
  definition: WorkflowDefinition,
  nodes: ReadonlySet<string>,
  files: ReadonlyMap<string, string[]>,
): WorkflowCheck {
  const { workflow_id, requirements } = definition;
  const models: Record<string, string> = {};
  const lacks = { nodes: requirements.nodes.filter((name) => !nodes.has(name)), models: [] as string[] };
  const missing = lacks.nodes.map((name) => `node class ${name}`);
  for (const { folder, filename, alternatives = [], url, bytes } of requirements.models) {
    const there = [filename, ...alternatives].find((name) => files.get(folder)?.includes(name));
    if (there === undefined) {
      missing.push(describeModel({ folder, filename, url, bytes }));
      lacks.models.push(`${folder}/${filename}`);
    } else if (there !== filename) models[filename] = there;
  }
  return { workflow_id, definition, models, missing, lacks };
}

function describeModel({
  folder,
  filename,
  url,
  bytes,
}: {
  folder: string;
  filename: string;
  url: string | undefined;
  bytes: number | undefined;
}): string {
  const size = bytes && (bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
  const source = [url && `from ${url}`, size].filter(Boolean).join(', ');
  return `model file models/${folder}/${filename}${source && ` (${source})`}`;
}
