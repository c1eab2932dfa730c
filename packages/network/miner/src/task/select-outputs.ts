import type { ComfyOutput } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { MOST_OUTPUTS } from '@heurist/core/protocol';
import { InputError } from '../input/input-error.ts';

/** What a task delivers. */
export interface SelectedOutputs {
  outputs: ComfyOutput[];
  /** The workflow made more: these are the first. */
  truncated?: true;
}

/**
 * The outputs that the definition names, in its order, or all of them; temporary files only if there is nothing else. Of more than a task
 * can have, the first: the work of a GPU is not thrown away.
 */
export function selectOutputs(
  outputs: ComfyOutput[],
  definition?: WorkflowDefinition,
  most = MOST_OUTPUTS,
): SelectedOutputs {
  const ids = definition?.outputs ?? [];
  const named = ids.flatMap((id) => outputs.filter(({ node_id }) => node_id === id));
  const wanted = ids.length ? named : outputs;
  const lasting = wanted.filter((output) => output.kind === 'text' || output.type === 'output');
  const selected = lasting.length ? lasting : wanted;
  if (!selected.length) throw new InputError('no_output', 'The workflow produced no output from these parameters.');
  return selected.length > most ? { outputs: selected.slice(0, most), truncated: true } : { outputs: selected };
}
