import type { ComfyOutput } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { MOST_OUTPUTS } from '@heurist/core/protocol';
import { InputError } from '../input/input-error.ts';

/** The outputs that the definition names, in its order, or all of them; temporary files only if there is nothing else. */
export function selectOutputs(outputs: ComfyOutput[], definition?: WorkflowDefinition): ComfyOutput[] {
  const ids = definition?.outputs ?? [];
  const named = ids.flatMap((id) => outputs.filter(({ node_id }) => node_id === id));
  const wanted = ids.length ? named : outputs;
  const lasting = wanted.filter((output) => output.kind === 'text' || output.type === 'output');
  const selected = lasting.length ? lasting : wanted;
  if (!selected.length) throw new InputError('no_output', 'The workflow produced no output from these parameters.');
  // before any of them is uploaded
  if (selected.length > MOST_OUTPUTS)
    throw new InputError(
      'execution_failed',
      `The workflow made ${selected.length} outputs, and a task can have ${MOST_OUTPUTS}. Ask for fewer, or save them as one file, such as a video.`,
    );
  return selected;
}
