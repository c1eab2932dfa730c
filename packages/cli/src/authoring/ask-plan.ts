import { HeuristError } from '@heurist/core';
import { optionName } from '@heurist/core/definition';
import { addOption, checkName, dropOption, type Planned, renameOption } from '@heurist/graph-plan/edit-plan';
import { endsOf } from '@heurist/graph-plan/find/find-outputs';
import type { GraphPlan } from '@heurist/graph-plan/find/graph-plan';
import { findPlan } from '@heurist/graph-plan/find-plan';
import { placeName } from '@heurist/graph-plan/graph-walk';
import { describeOption, describePlan } from './describe-plan.ts';

/** Where questions are asked. Default: this process's terminal. */
export interface Terminal {
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
}

/** What to do with a plan once it is as wished. */
export interface PlanActions {
  /** Runs the graph once. */
  tryIt(plan: GraphPlan): Promise<void>;
}

type Prompts = typeof import('@inquirer/prompts');

/** Shows what was found, and lets a person change it. `undefined`: nothing is to be created. */
export async function askPlan(
  found: GraphPlan,
  planned: Planned,
  { tryIt }: PlanActions,
  terminal: Terminal,
): Promise<GraphPlan | undefined> {
  const prompts = await import('@inquirer/prompts');
  const say = (text: string) => void (terminal.output ?? process.stdout).write(text);
  let plan = found;
  say(`\n${describePlan(plan, planned.graph)}\n`);
  for (;;) {
    const step = await prompts.select<Step>({ message: 'What next?', choices: stepsOf(plan), loop: false }, terminal);
    if (step === 'create') return plan;
    if (step === 'cancel') return undefined;
    try {
      if (step === 'try') await tryIt(plan);
      else {
        plan = await changes[step](prompts, plan, planned, terminal);
        say(`\n${describePlan(plan, planned.graph)}\n`);
      }
    } catch (error) {
      // what cannot be done is said, and the plan stays as it was
      if (!HeuristError.isInstance(error)) throw error;
      say(`${error.message}\n`);
    }
  }
}

type Change = (prompts: Prompts, plan: GraphPlan, planned: Planned, terminal: Terminal) => Promise<GraphPlan>;
type Step = 'create' | 'cancel' | 'try' | keyof typeof changes;

function stepsOf({ options, fixed }: GraphPlan): { value: Step; name: string }[] {
  return [
    { value: 'create', name: 'Create the package' },
    { value: 'try', name: 'Try it now' },
    ...(options.length
      ? ([
          { value: 'rename', name: 'Rename an option' },
          { value: 'drop', name: 'Drop options' },
        ] as const)
      : []),
    ...(fixed.length ? ([{ value: 'add', name: 'Add an option' }] as const) : []),
    { value: 'outputs', name: 'Choose the outputs, and find the options anew' },
    { value: 'cancel', name: 'Leave without creating anything' },
  ];
}

const changes = {
  async rename(prompts, plan, planned, terminal) {
    const name = await prompts.select(
      { message: 'Rename which option?', choices: optionChoices(plan, planned), pageSize: 15 },
      terminal,
    );
    const isFile = plan.options.some((one) => one.name === name && one.file);
    const to = await prompts.input(
      { message: `New name of ${name}:`, validate: (text) => problemOf(() => checkName(plan, text, isFile)) },
      terminal,
    );
    return renameOption(plan, planned, name, to);
  },

  async drop(prompts, plan, planned, terminal) {
    const names = await prompts.checkbox(
      { message: 'Drop which options?', choices: optionChoices(plan, planned), pageSize: 15 },
      terminal,
    );
    return names.reduce((left, name) => dropOption(left, planned, name), plan);
  },

  async add(prompts, plan, planned, terminal) {
    const all = plan.fixed.map((input) => {
      const place = placeName(input);
      return { value: place, name: `${place} (${input.class_type}): ${JSON.stringify(input.value)}`.slice(0, 100) };
    });
    const place = await prompts.search(
      {
        message: 'Which input? Type a part of its name.',
        source: (term = '') => all.filter(({ name }) => name.toLowerCase().includes(term.toLowerCase())),
        pageSize: 15,
      },
      terminal,
    );
    return addOption(plan, planned, place);
  },

  async outputs(prompts, plan, { graph, shapes, primitives }, terminal) {
    const now = new Set(plan.outputs.map(({ node }) => node));
    const ids = [
      ...new Set([
        ...now,
        ...endsOf(graph),
        ...Object.keys(graph).filter((id) => shapes[graph[id]!.class_type]?.isOutput),
      ]),
    ];
    const chosen = await prompts.checkbox(
      {
        message: 'Which nodes make the result?',
        choices: ids.map((id) => ({ value: id, name: `${id} (${graph[id]!.class_type})`, checked: now.has(id) })),
        required: true,
        pageSize: 15,
      },
      terminal,
    );
    return findPlan(graph, shapes, chosen, primitives);
  },
} satisfies Record<string, Change>;

function optionChoices({ options }: GraphPlan, { graph }: Planned) {
  return options.map((option) => ({
    value: option.name,
    name: describeOption(option, graph),
    short: optionName(option.name, option.file !== undefined),
  }));
}

/** `true`, or what is wrong. */
function problemOf(check: () => void): true | string {
  try {
    check();
    return true;
  } catch (error) {
    return (error as Error).message;
  }
}
