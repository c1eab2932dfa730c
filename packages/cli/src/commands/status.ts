import { Heurist, type NetworkStatus, type WorkflowStatus } from '@heurist/core';
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
  const knowsModels = workflows.some(({ models }) => models);
  const rows = workflows
    // leave out workflows that nobody runs and nobody asks for
    .filter((workflow) => workflow.miners + workflow.waiting + workflow.running + workflow.finished > 0)
    .map(({ workflow_id, miners, waiting, running, finished, failed, run_ms, models }) => [
      workflow_id,
      ...[miners, waiting, running, finished, failed].map(String),
      run_ms === undefined ? '' : inSeconds(run_ms),
      ...(knowsModels ? describeModels(models) : []),
    ]);
  const head = ['workflow', 'miners', 'waiting', 'running', 'finished/h', 'failed/h', 'takes'];
  if (knowsModels) head.push('warm', 'switches', 'load');
  const stuck = workflows.filter(({ miners, waiting }) => waiting > 0 && miners === 0);
  return [
    `${miners.length} ${miners.length === 1 ? 'miner' : 'miners'}, ${busy} busy: ${miners.map(({ miner_id }) => miner_id).join(', ') || 'none'}`,
    ...textTable([head, ...rows]),
    ...stuck.map(
      ({ workflow_id, waiting }) =>
        `! ${waiting} ${waiting === 1 ? 'task is' : 'tasks are'} waiting for ${workflow_id}, which no connected miner can run`,
    ),
    ...describeHeld(miners),
    ...describePutAside(miners),
    ...recent_failures.map((failure) => `! ${failure.ended_at} ${failure.workflow_id}: ${failure.error.message}`),
    ...dead_webhooks.map(({ url, last_error }) => `! gave up on webhook ${url}: ${last_error}`),
  ]
    .map((line) => `${printableLine(line)}\n`)
    .join('');
}

const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** How many of the last tasks found their models in memory, and what loading took for the others. */
function describeModels(models: WorkflowStatus['models']): string[] {
  if (!models) return ['', '', ''];
  const { warm, cold, switches, load_ms } = models;
  const share = warm + cold ? `${Math.round((100 * warm) / (warm + cold))} %` : '';
  return [share, String(switches), load_ms === undefined ? '' : inSeconds(load_ms)];
}

/** What miners have in memory. */
function describeHeld(miners: NetworkStatus['miners']): string[] {
  return miners.flatMap(({ miner_id, models = [] }) =>
    models.length ? [`${miner_id} holds ${models.join(', ')}`] : [],
  );
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
