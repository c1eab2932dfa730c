import { ComfyClient } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import { checkWorkflows } from '@heurist/miner';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { spell } from '../system/spelling.ts';
import { type Check, type Finding, fail, ok, type Settings, skip } from './finding.ts';

/** Each ComfyUI: that it answers, and how much it can run. */
export function comfyuiCheck(workflows: readonly WorkflowDefinition[]): Check {
  return async ({ comfyui }: Settings) => {
    if (!comfyui.length) return skip('ComfyUI', 'set COMFYUI_URL, or pass --comfyui');
    return await Promise.all(comfyui.map((url) => checkOne(url, workflows)));
  };
}

async function checkOne(url: string, workflows: readonly WorkflowDefinition[]): Promise<Finding> {
  try {
    const client = new ComfyClient({ url });
    const [{ system, devices }, checks] = await Promise.all([client.systemStats(), checkWorkflows(client, workflows)]);
    const runs = checks.filter(({ missing }) => !missing.length).length;
    const device = devices.map(({ name }) => printableLine(name, 60)).join(', ') || 'no device';
    const message = `${hideCredentials(url)}: ComfyUI ${printableLine(system.comfyui_version, 40)} on ${device}, can run ${runs} of ${checks.length} workflows`;
    if (runs) return ok('ComfyUI', message);
    return fail('ComfyUI', message, `${spell('miner check')} lists what each needs, and where to get it.`);
  } catch (error) {
    const advice =
      authorityAdvice(error) ??
      'Is it running, and does it listen at this address? From another machine it needs `--listen`.';
    return fail('ComfyUI', `${hideCredentials(url)}: ${printableLine((error as Error).message, 200)}`, advice);
  }
}
