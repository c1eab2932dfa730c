import type { ComfyClient, ModelFile, ObjectInfo } from '@heurist/comfyui';
import type { TaskVersions } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';

/** What a server says about itself and its files. */
export interface ServerVersions {
  comfyui: string;
  pytorch: string | undefined;
  /** Version of each pack of custom nodes by its folder. */
  packs: Record<string, string>;
  /** The files of each model folder. */
  files: Map<string, ModelFile[]>;
}

/** Most packs that a report names. */
const MOST_PACKS = 200;

/** As consumers may see it. */
const shown = (text: string) => printableLine(text, 200);

/** Asks a ComfyUI for its versions. What it does not know is left out. */
export async function readVersions(
  comfyui: Pick<ComfyClient, 'systemStats' | 'nodePackVersions' | 'modelFiles'>,
  folders: Iterable<string>,
): Promise<ServerVersions> {
  const [stats, packs, files] = await Promise.all([
    comfyui.systemStats().catch(() => undefined),
    comfyui.nodePackVersions().catch(() => ({})),
    Promise.all(
      [...folders].map(async (folder) => [folder, await comfyui.modelFiles(folder).catch(() => [])] as const),
    ),
  ]);
  const { comfyui_version = 'unknown', pytorch_version } = stats?.system ?? {};
  return {
    comfyui: shown(comfyui_version),
    pytorch: pytorch_version && shown(pytorch_version),
    packs: Object.fromEntries(Object.entries(packs).map(([folder, version]) => [folder, shown(version)])),
    files: new Map(files),
  };
}

/**
 * The versions that matter for one workflow: of the packs whose nodes it has, and of its model files.
 *
 * @param models - name in the graph -> name that is used, if they differ
 */
export function versionsOf(
  { requirements }: WorkflowDefinition,
  models: Record<string, string>,
  info: ObjectInfo,
  { comfyui, pytorch, packs, files }: ServerVersions,
): TaskVersions {
  const folders = requirements.nodes.flatMap((name) => {
    const [root, folder] = info[name]?.python_module?.split('.') ?? [];
    return root === 'custom_nodes' && folder ? [folder] : [];
  });
  const nodes = Object.fromEntries(
    folders.slice(0, MOST_PACKS).map((folder) => [shown(folder), packs[folder] ?? 'unknown']),
  );
  const used = requirements.models.flatMap(({ folder, filename }) => {
    const name = models[filename] ?? filename;
    const file = files.get(folder)?.find((candidate) => candidate.name === name);
    const facts = file && { bytes: file.size, modified_at: isoTime(file.modified) };
    return facts ? [[`${folder}/${name}`, facts] as const] : [];
  });
  return {
    comfyui,
    ...(pytorch && { pytorch }),
    ...(folders.length && { nodes }),
    ...(used.length && { models: Object.fromEntries(used) }),
  };
}

/** @param seconds - since 1970, or whatever a server says */
function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
}
