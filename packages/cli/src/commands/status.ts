import { Heurist, type NetworkStatus } from '@heurist/core';
import { printableLine } from '@heurist/core/protocol';
import { appConnection } from '../network/connection.ts';
import { explained } from '../network/explain-error.ts';
import { CALL_LIMIT_MS } from '../network/within-limit.ts';
import { printableJson } from '../output/printable-json.ts';
import { textTable } from '../output/text-table.ts';

/** Options of `heurist status`. */
export interface StatusOptions {
  json?: boolean;
  allowInsecureHttp?: boolean;
}

/** Prints what the network that the environment names can do at the moment. */
export async function status({ json, allowInsecureHttp }: StatusOptions, limitMs = CALL_LIMIT_MS): Promise<void> {
  const connection = appConnection(allowInsecureHttp);
  const heurist = new Heurist({ allowInsecureHttp });
  const network = await explained(connection, () => heurist.workflow.networkStatus({ timeout: limitMs }));
  process.stdout.write(json ? `${printableJson(network)}\n` : describeNetwork(network));
}

/** The network's status for people: what runs, what is missing, what failed. */
export function describeNetwork({ miners, workflows, recent_failures, dead_webhooks = [] }: NetworkStatus): string {
  const busy = miners.filter(({ is_busy }) => is_busy).length;
  const rows = workflows
    // leave out workflows that nobody runs and nobody asks for
    .filter((workflow) => workflow.miners + workflow.waiting + workflow.running + workflow.finished > 0)
    .map(({ workflow_id, miners, waiting, running, finished, failed, run_ms }) => [
      workflow_id,
      ...[miners, waiting, running, finished, failed].map(String),
      run_ms === undefined ? '' : `${(run_ms / 1000).toFixed(1)} s`,
    ]);
  const head = ['workflow', 'miners', 'waiting', 'running', 'finished/h', 'failed/h', 'takes'];
  const stuck = workflows.filter(({ miners, waiting }) => waiting > 0 && miners === 0);
  return [
    `${miners.length} ${miners.length === 1 ? 'miner' : 'miners'}, ${busy} busy: ${miners.map(({ miner_id }) => miner_id).join(', ') || 'none'}`,
    ...textTable([head, ...rows]),
    ...stuck.map(
      ({ workflow_id, waiting }) =>
        `! ${waiting} ${waiting === 1 ? 'task is' : 'tasks are'} waiting for ${workflow_id}, which no connected miner can run`,
    ),
    ...describePutAside(miners),
    ...recent_failures.map((failure) => `! ${failure.ended_at} ${failure.workflow_id}: ${failure.error.message}`),
    ...dead_webhooks.map(({ url, last_error }) => `! gave up on webhook ${url}: ${last_error}`),
  ]
    .map((line) => `${printableLine(line)}\n`)
    .join('');
}

/** Miners whose tasks fail, while others finish them. */
function describePutAside(miners: NetworkStatus['miners']): string[] {
  return miners.flatMap(({ miner_id, put_aside = [] }) =>
    put_aside.map(
      (aside) =>
        `! ${miner_id} ${aside.until ? `is put aside for ${aside.workflow_id} until ${aside.until}` : `gets few tasks of ${aside.workflow_id}`}: ${aside.failures} failures (${aside.codes.join(', ')})`,
    ),
  );
}
