import { ComfyClient } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { checkWorkflows, type WorkflowCheck } from '@heurist/miner';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { textTable } from '../output/text-table.ts';

/** Options of `heurist miner check`. */
export interface MinerCheckOptions {
  /** One or more addresses. */
  comfyui: string[];
  json?: boolean;
}

/** Lists for each ComfyUI which workflows it can run, what the others need, and where to get it. */
export async function minerCheck(
  { comfyui, json }: MinerCheckOptions,
  workflows: readonly WorkflowDefinition[],
): Promise<void> {
  for (const url of comfyui) {
    const client = new ComfyClient({ url });
    const [{ system, devices }, checks] = await Promise.all([client.systemStats(), checkWorkflows(client, workflows)]);
    const server = {
      url: hideCredentials(url),
      version: system.comfyui_version,
      devices: devices.map(({ name }) => name),
    };
    process.stdout.write(json ? `${JSON.stringify(toJson(server, checks))}\n` : describe(server, checks));
  }
}

interface Server {
  url: string;
  version: string;
  devices: string[];
}

function toJson(server: Server, checks: readonly WorkflowCheck[]) {
  return { ...server, workflows: checks.map(({ workflow_id, missing, models }) => ({ workflow_id, missing, models })) };
}

function describe({ url, version, devices }: Server, checks: readonly WorkflowCheck[]): string {
  const rows = checks.flatMap(({ workflow_id, missing, models }) => {
    const others = Object.entries(models).map(([name, used]) => `uses ${used} instead of ${name}`);
    const [first = 'runs', ...rest] = missing.length ? missing.map((what) => `needs ${what}`) : others;
    return [[workflow_id, first], ...rest.map((text) => ['', text])];
  });
  const count = checks.filter(({ missing }) => !missing.length).length;
  return [
    `${url}: ComfyUI ${version}${devices.length ? ` on ${devices.join(', ')}` : ''}, can run ${count} of ${checks.length} workflows`,
    ...textTable([['workflow', ''], ...rows]),
    '',
  ].join('\n');
}
