import type { WorkflowDefinition } from '@heurist/core/definition';

/** Packages whose name is a command of `run`: which of its graphs says what options there are, and which runs here. */
const families = [
  { name: 'text2image', first: 'sdxl', onCpu: 'tiny' },
  { name: 'image2image', first: 'sdxl-img2img', onCpu: 'tiny-img2img' },
  { name: 'inpaint', first: 'sdxl-inpaint', onCpu: 'tiny-inpaint' },
];

/** A command of `run` that leaves the graph to the network. */
export interface Family {
  name: string;
  /** Whose options are the flags. */
  first: WorkflowDefinition;
  /** What `--local` takes. */
  onCpu: WorkflowDefinition;
}

/** The families among these workflows. */
export function familiesOf(workflows: readonly WorkflowDefinition[]): Family[] {
  const find = (id: string) => workflows.filter(({ workflow_id }) => workflow_id === id);
  return families.flatMap(({ name, ...ids }) =>
    find(ids.first).flatMap((first) => find(ids.onCpu).map((onCpu) => ({ name, first, onCpu }))),
  );
}
