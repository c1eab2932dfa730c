import type { WorkflowDefinition, WorkflowFamily } from '@heurist/core/definition';
import { pickDefinition } from '@heurist/core/protocol';
import type { ServedGraphs } from '../network/served-graphs.ts';
import { CommandError } from '../output/command-error.ts';
import { foreignFlag, mixedFlags } from './foreign-flags.ts';
import { type GivenFlags, hasAll, readFlags, takesFlags } from './given-flags.ts';
import { families } from './workflows.ts';

/** The graph whose flags and defaults `heurist run <family>` has this time. */
export interface GraphChoice {
  /** Name of the family. */
  family: string;
  definition: WorkflowDefinition;
  /** Why this one, for the help. */
  note?: string;
}

/** Asks the network which graphs its miners run. It throws a {@link CommandError} if it gets no answer. */
export type AskNetwork = (allowInsecureHttp: boolean) => Promise<ServedGraphs>;

/**
 * Chooses the graph of `run <family>` when no `--workflow-id` names one: the one to which the network would give a task with
 * these flags. The network is asked only if that matters here: for help, and for flags that not every graph has.
 *
 * @throws {CommandError} if nothing that runs on the network has the flags
 */
export async function chooseGraph(args: readonly string[], ask: AskNetwork): Promise<GraphChoice | undefined> {
  const [command, name, ...rest] = args;
  const family = command === 'run' ? families.find((known) => known.name === name) : undefined;
  if (!family || family.definitions.length < 2) return undefined;
  const given = readFlags(rest);
  if (given.isLocal) return chooseLocal(family);
  const names = [...given.parameters.keys()];
  if (!given.isHelp && family.definitions.every((graph) => hasAll(graph, names)))
    return { family: family.name, definition: pick(family, given, () => false) };
  return await chooseServed(family, given, ask);
}

function chooseLocal({ name, definitions, cpuId }: WorkflowFamily): GraphChoice | undefined {
  const definition = definitions.find(({ workflow_id }) => workflow_id === cpuId);
  return definition && { family: name, definition, note: describe(definition, 'which --local runs.') };
}

async function chooseServed(family: WorkflowFamily, given: GivenFlags, ask: AskNetwork): Promise<GraphChoice> {
  const answer = await ask(given.allowInsecureHttp).catch((error: unknown) => {
    if (CommandError.isInstance(error)) return error;
    throw error;
  });
  const isServed = (id: string) => !(answer instanceof Error) && answer.ids.has(id);
  const definition = pick(family, given, isServed);
  if (!given.isHelp) checkForeign(family, definition, given, answer, isServed);
  return { family: family.name, definition, note: noteOf(family, definition, answer) };
}

/** By the rule of the network. If none takes the values, one that has the flags, which says what is wrong with them. */
function pick(family: WorkflowFamily, { parameters, isHelp }: GivenFlags, isServed: (id: string) => boolean) {
  const { definitions } = family;
  const choose = (takes: (graph: WorkflowDefinition) => boolean) => pickDefinition(definitions, takes, isServed);
  return (
    (isHelp ? undefined : choose((graph) => takesFlags(graph, parameters, true))) ??
    choose((graph) => takesFlags(graph, parameters, false)) ??
    choose((graph) => hasAll(graph, parameters.keys())) ??
    choose(() => true)!
  );
}

/** @throws {CommandError} for flags that one graph has and another not, if nothing that runs there has them all */
function checkForeign(
  family: WorkflowFamily,
  definition: WorkflowDefinition,
  { parameters }: GivenFlags,
  answer: ServedGraphs | Error,
  isServed: (id: string) => boolean,
): void {
  const known = [...parameters.keys()].filter((name) => family.definitions.some((graph) => hasAll(graph, [name])));
  if (!family.definitions.some((graph) => hasAll(graph, known))) throw mixedFlags(family, known);
  if (answer instanceof Error || isServed(definition.workflow_id)) return;
  const usual = pickDefinition(family.definitions, () => true, isServed)!;
  const foreign = known.find((name) => !hasAll(usual, [name]));
  if (foreign) throw foreignFlag(family, foreign, ', to wait for a miner that runs it: none is connected');
}

function noteOf({ name }: WorkflowFamily, definition: WorkflowDefinition, answer: ServedGraphs | Error): string {
  if (answer instanceof Error) return describe(definition, `the first graph. ${answer.message}`);
  const { url, ids } = answer;
  if (ids.has(definition.workflow_id)) return describe(definition, `which would run on ${url}.`);
  return describe(definition, `the first graph: no miner connected to ${url} runs ${name}.`);
}

const describe = ({ workflow_id }: WorkflowDefinition, why: string) => `Options and defaults of ${workflow_id}, ${why}`;
