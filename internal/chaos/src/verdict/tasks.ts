import { createHash } from 'node:crypto';
import { readColor } from '@heurist/test-servers/slow-comfyui';
import type { Seen } from '../consumer.ts';
import { type Change, checkChanges } from './ledger.ts';

/** What happened to the tasks. */
export interface TaskVerdict {
  /** Everything that must not happen, one line each. Empty: the network kept its promises. */
  problems: string[];
  /** Tasks by the status that they ended with. */
  ends: Record<string, number>;
  /** Tasks that were handed out more than once. */
  repeated: number;
  /** Outputs that were fetched and checked. */
  artifacts: number;
}

const MAX_ATTEMPTS = 3;
/** How many outputs are fetched at a time. */
const LANES = 16;

/**
 * Compares what the consumers were told with what the database saw, and checks every output.
 *
 * @param ledger - of the tasks of these consumers only
 */
export async function checkTasks(all: readonly Seen[], ledger: readonly Change[]): Promise<TaskVerdict> {
  const verdict: TaskVerdict = { problems: [], ends: {}, repeated: 0, artifacts: 0 };
  const changesOf = Map.groupBy(ledger, ({ task_id }) => task_id);
  const known = new Map<string, Seen>();
  for (const seen of all) {
    const [task_id = 'that nobody took'] = seen.task_ids;
    const problem = (text: string) => verdict.problems.push(`task ${task_id}: ${text}`);
    const changes = changesOf.get(task_id) ?? [];
    for (const text of checkSeen(seen, changes)) problem(text);
    if (changes.filter(({ after }) => after === 'running').length > 1) verdict.repeated++;
    const status = seen.result?.status ?? 'stuck';
    verdict.ends[status] = (verdict.ends[status] ?? 0) + 1;
    for (const id of seen.task_ids) {
      if (known.has(id)) problem(`job ${seen.job_id} shares it with job ${known.get(id)?.job_id}`);
      known.set(id, seen);
    }
  }
  for (const task_id of changesOf.keys())
    if (!known.has(task_id)) verdict.problems.push(`task ${task_id} was created for nobody`);
  await checkArtifacts(all, verdict);
  return verdict;
}

/** What is wrong with one task. */
function checkSeen({ job_id, task_ids, result, error }: Seen, changes: readonly Change[]): string[] {
  if (task_ids.size > 1) return [`job ${job_id} got ${task_ids.size} tasks`];
  if (!result) return [`job ${job_id} did not end in time: ${error}; ${describeChanges(changes)}`];
  const problems = checkChanges(changes, MAX_ATTEMPTS);
  if (changes.at(-1)?.after !== result.status) problems.push(`its consumer was told ${result.status}`);
  if (result.status === 'failed' && !isWornOut(result))
    problems.push(`it failed: ${JSON.stringify(result.error)} ${JSON.stringify(result.history)}`);
  return problems;
}

/** The state of a task and how it came to it. */
function describeChanges(changes: readonly Change[]): string {
  const last = changes.at(-1);
  if (!last) return 'the database never saw it';
  const steps = changes.map(
    ({ after, attempt, committed }) => `${after} ${attempt} at ${new Date(committed).toISOString()}`,
  );
  return `it is ${last.after} in attempt ${last.attempt}: ${steps.join(', ')}`;
}

/** The acceptable failures: each attempt lost its miner to a fault, or had one that kept it, or whose word nobody confirmed. */
const WORN_OUT = new Set(['miner_lost', 'miner_stalled', 'failure_unconfirmed']);
const isWornOut = ({ error, history = [] }: NonNullable<Seen['result']>) =>
  WORN_OUT.has(error?.code ?? '') && history.length === MAX_ATTEMPTS;

async function checkArtifacts(all: readonly Seen[], verdict: TaskVerdict): Promise<void> {
  const left = all.filter(({ result }) => result?.status === 'finished');
  const lane = async () => {
    for (let seen = left.pop(); seen; seen = left.pop()) {
      const problem = await checkArtifact(seen).catch((error: Error) => error.message);
      if (problem) verdict.problems.push(`task ${seen.result?.task_id}: ${problem}`);
      verdict.artifacts++;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** What is wrong with the output of a task. */
async function checkArtifact({ color, result }: Seen): Promise<string | undefined> {
  const { outputs = [] } = result ?? {};
  const [output] = outputs;
  if (!output || outputs.length > 1) return `it has ${outputs.length} outputs`;
  const response = await fetch(output.url);
  if (!response.ok) return `its output cannot be fetched: ${response.status}`;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== output.size || sha256 !== output.sha256) return 'its output is not what was declared';
  const found = await readColor(bytes);
  return found === color ? undefined : `its output belongs to another task (${found})`;
}
