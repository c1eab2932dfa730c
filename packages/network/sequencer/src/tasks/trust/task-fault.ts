import { checkParameters, sniffMediaType } from '@heurist/core';
import type { FileParameter, WorkflowDefinition } from '@heurist/core/definition';
import { describeUnreadable } from '@heurist/core/protocol';
import type { Artifact } from '../../files/artifact-table.ts';
import type { Artifacts } from '../../files/artifacts.ts';
import type { TaskRecord } from '../table/task-record.ts';

type FaultyTask = Pick<TaskRecord, 'workflow_id' | 'task_details'>;

/** Finds out whether what a miner reports of a task is true, as far as the sequencer can see that itself. */
export function createFaultCheck(artifacts: Artifacts, workflows: readonly WorkflowDefinition[]) {
  const definitions = new Map(workflows.map((definition) => [definition.workflow_id, definition]));
  return async function isTaskFault({ workflow_id, task_details }: FaultyTask, code: string): Promise<boolean> {
    const definition = definitions.get(workflow_id);
    if (!definition) return true;
    const parameters = (task_details.parameters ?? {}) as Record<string, unknown>;
    if (code === 'invalid_parameters') return !fits(definition, parameters);
    const flaw = flaws[code];
    if (!flaw) return false;
    for (const [name, rule] of Object.entries(definition.files)) {
      const address = parameters[name];
      // a storage that does not answer proves nothing, and must not keep the miner from reporting
      if (typeof address === 'string' && (await flaw(artifacts, address, rule).catch(() => false))) return true;
    }
    return false;
  };
}

/** The same validator as at the submit; the workflow may have changed since. */
function fits({ workflow_id, parameters: schema }: WorkflowDefinition, parameters: unknown): boolean {
  try {
    checkParameters(workflow_id, schema, parameters);
    return true;
  } catch {
    return false;
  }
}

type Flaw = (artifacts: Artifacts, address: string, rule: FileParameter) => Promise<boolean>;

/** What miners say about an input, and how that is seen here. Files that are elsewhere are not fetched. */
const flaws: Record<string, Flaw> = {
  async input_unreachable(artifacts, address) {
    if (!/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return true;
    const file = await findFile(artifacts, address);
    return file === 'gone' || (file !== undefined && !(await artifacts.confirmStored(file)));
  },
  async input_too_large(artifacts, address, { max_bytes }) {
    const file = await findFile(artifacts, address);
    return file !== undefined && file !== 'gone' && file.description.bytes > max_bytes;
  },
  async input_invalid(artifacts, address, { kind }) {
    // any content is valid
    if (kind === 'file') return false;
    const file = await findFile(artifacts, address);
    if (file === undefined || file === 'gone' || !(await artifacts.confirmStored(file))) return false;
    const start = await artifacts.readStart(file);
    const type = start && sniffMediaType(start);
    return start !== undefined && (!type?.startsWith(`${kind}/`) || !!describeUnreadable(type));
  },
};

/** A file of this network, by its address; `undefined` for one that is elsewhere. */
async function findFile(artifacts: Artifacts, address: string): Promise<Artifact | 'gone' | undefined> {
  const artifact_id = artifacts.idOf(address);
  if (artifact_id === undefined) return undefined;
  const [file] = await artifacts.list([artifact_id]);
  return file ?? 'gone';
}
