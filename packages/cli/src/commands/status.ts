import { Heurist, type NetworkStatus } from '@heurist/core';
import { textTable } from '../text-table.ts';

/** Options of `heurist status`. */
export interface StatusOptions {
  json?: boolean;
  allowInsecureHttp?: boolean;
}

/** Prints what the network that the environment names can do now. */
export async function status({ json, allowInsecureHttp }: StatusOptions): Promise<void> {
  const network = await new Heurist({ allowInsecureHttp }).workflow.networkStatus();
  process.stdout.write(json ? `${JSON.stringify(network)}\n` : describeNetwork(network));
}

/** The same for people: what runs, what is missing, what failed. */
export function describeNetwork({ miners, workflows, recent_failures, dead_webhooks = [] }: NetworkStatus): string {
  const busy = miners.filter(({ is_busy }) => is_busy).length;
  const rows = workflows
    // what nobody runs and nobody wants says nothing
    .filter((workflow) => workflow.miners + workflow.waiting + workflow.running + workflow.finished > 0)
    .map(({ workflow_id, miners, waiting, running, finished, failed, run_ms }) => [
      workflow_id,
      ...[miners, waiting, running, finished, failed].map(String),
      run_ms === undefined ? '' : `${(run_ms / 1000).toFixed(1)} s`,
    ]);
  const head = ['workflow', 'miners', 'waiting', 'running', 'finished/h', 'failed/h', 'takes'];
  const stuck = workflows.filter(({ miners, waiting }) => waiting > 0 && miners === 0);
  return [
    `${miners.length} miners, ${busy} at work: ${miners.map(({ miner_id }) => miner_id).join(', ') || 'none'}`,
    ...textTable([head, ...rows]),
    ...stuck.map(({ workflow_id, waiting }) => `! ${waiting} tasks wait for ${workflow_id}, which no miner runs`),
    ...recent_failures.map((failure) => `! ${failure.ended_at} ${failure.workflow_id}: ${failure.error.message}`),
    ...dead_webhooks.map(({ url, last_error }) => `! webhook ${url} was given up: ${last_error}`),
    '',
  ].join('\n');
}
