import type { WorkflowDefinition } from '@heurist/core/definition';
import type { GraphChoice } from './choose-graph.ts';
import { families, isCpuGraph } from './workflows.ts';

/** What `heurist run <name>` runs. */
export interface Runnable {
  /** A workflow id, or the name of a family. */
  name: string;
  title: string;
  /** The graph whose options are the flags. */
  definition: WorkflowDefinition;
  /** The graph that `--local` runs. Absent if it needs a GPU. */
  local: WorkflowDefinition | undefined;
  /** Whether the task names the graph. Otherwise the network picks one of the family. */
  namesGraph: boolean;
  /** Of a family with several graphs: their ids, for `--workflow-id`. */
  graphs?: readonly string[];
  /** Whether it is left out of the help: a graph of a family, which `--workflow-id` names. */
  isHidden?: boolean;
  /** Ends its help: which graph the flags and defaults are of, and why. */
  note?: string;
}

/**
 * Everything that `heurist run` can run: each family by its name, and each workflow by its id.
 *
 * @param choice - the graph whose flags a family has. Default: its first
 */
export function runnables(workflows: readonly WorkflowDefinition[], choice?: GraphChoice): Runnable[] {
  return [...runnableFamilies(workflows, choice), ...workflows.map(runnableGraph)];
}

/** Workflows of other packages may run on this machine: only the engine can tell. */
function runnableGraph(definition: WorkflowDefinition): Runnable {
  const { workflow_id, title } = definition;
  const isOurs = families.some(({ definitions }) => definitions.includes(definition));
  const needsGpu = isOurs && !isCpuGraph(workflow_id);
  const isHidden = isOurs && !families.some(({ name }) => name === workflow_id);
  const runnable = { name: workflow_id, title, definition, namesGraph: true, ...(isHidden && { isHidden }) };
  return { ...runnable, local: needsGpu ? undefined : definition };
}

function runnableFamilies(workflows: readonly WorkflowDefinition[], choice?: GraphChoice): Runnable[] {
  const find = (id: string | undefined) => workflows.find(({ workflow_id }) => workflow_id === id);
  return families.flatMap(({ name, title, definitions, defaultId, cpuId }): Runnable[] => {
    const chosen = choice?.family === name ? choice : undefined;
    const definition = chosen?.definition ?? find(defaultId);
    // a graph with the name of its family is there already
    if (!definition || find(name)) return [];
    const isChoice = definitions.length > 1;
    const meaning = isChoice ? `${title}: the network picks the model` : title;
    const graphs = isChoice ? definitions.map(({ workflow_id }) => workflow_id) : undefined;
    const runnable = { name, title: meaning, definition, local: find(cpuId), namesGraph: !isChoice };
    return [{ ...runnable, ...(graphs && { graphs }), ...(chosen?.note && { note: chosen.note }) }];
  });
}
