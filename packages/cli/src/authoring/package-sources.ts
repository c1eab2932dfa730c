import { type BindingSource, optionName } from '@heurist/core/definition';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import type { OptionPiece } from '@heurist/graph-plan/option-pieces';
import { bindingsOf, filesOf, type WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import { printCode } from '@heurist/graph-plan/print-code';
import { optionsOf, outputOf, taskOf } from './package-names.ts';

/** The source files of a created package: path -> content. */
export function packageSources(plan: WorkflowPlan, pieces: OptionPiece[]): Record<string, string> {
  const { name } = plan;
  return {
    [`src/${name}-options.ts`]: optionsSource(plan, pieces),
    [`src/${name}-task.ts`]: taskSource(plan),
    'src/definition.ts': definitionSource(plan),
    'src/index.ts': indexSource(plan),
    [`src/${name}.test.ts`]: testSource(plan),
  };
}

function optionsSource(plan: WorkflowPlan, pieces: OptionPiece[]): string {
  const own = pieces.filter((piece) => piece.own);
  const imports = [...new Set(['options', ...pieces.flatMap((piece) => piece.imports)])].sort();
  const list = pieces.filter((piece) => !piece.own).map(({ code }) => code);
  const fields = own.map(({ own: field }) => `  /** ${field!.meaning} */\n  ${field!.option}: ${field!.type};`);
  const values = own.map(({ own: field, code }) => `  ${field!.option}: ${code},`);
  const ownSource = own.length
    ? `\ntype OwnShape = {\n${fields.join('\n')}\n};\nconst own: OwnShape = {\n${values.join('\n')}\n};\n`
    : '';
  return `import { ${imports.join(', ')} } from '@heurist/core/parameters';
${own.length ? "import type * as z from 'zod/mini';\n" : ''}${ownSource}
/** Options of the task. The graph has the defaults. */
export const ${optionsOf(plan)} = options(${printCall([...list, ...(own.length ? ['own'] : [])])});
`;
}

/** Arguments, on one line if they fit. */
function printCall(args: string[]): string {
  const line = args.join(', ');
  return line.length < 80 ? line : `\n  ${args.join(',\n  ')},\n`;
}

function taskSource(plan: WorkflowPlan): string {
  const { name, makes, task_type } = plan;
  const [task, schema, output] = [taskOf(plan), optionsOf(plan), outputOf(plan)];
  const base = plan.parameters.some((parameter) => parameter.name === 'seed') ? 'SeededOutput' : 'WorkflowTaskOutput';
  const isText = makes === 'text';
  const types = [...(isText ? [] : ['TaskOutput']), 'WorkflowTaskOptions', 'WorkflowTaskResult', base].sort();
  const named = `this.outputAs('${makes}', result)`;
  const made = isText ? `{ ...${named}, text: result.text ?? '' }` : named;
  return `import { SchemaTask, ${types.map((type) => `type ${type}`).join(', ')} } from '@heurist/core';
import type * as z from 'zod/mini';
import { ${schema} } from './${name}-options.ts';

/** Options of the task. */
export type ${task}Options = WorkflowTaskOptions & z.input<typeof ${schema}>;

/** Output of the task. */
export interface ${output} extends ${base} {
  ${isText ? '/** What the workflow said. */\n  text: string' : `${makes}: TaskOutput`};
}

/**
 * A task of the workflow \`${name}\`.
 *
 * @throws {HeuristError} \`invalid_parameters\`; names the invalid option and how to fix it
 */
export class ${task} extends SchemaTask<${output}> {
  constructor({ workflow_id = '${name}', ...options }: ${task}Options) {
    super('${task}', ${schema}, { ...options, workflow_id });
  }

  get task_type(): string {
    return '${task_type}';
  }

  override parseOutput(result: WorkflowTaskResult): ${output} {
    return ${made};
  }
}
`;
}

function definitionSource(plan: WorkflowPlan): string {
  const { name, task_type, parameters, outputs, models, constants } = plan;
  const bindings = Object.entries(bindingsOf(parameters)).map(
    ([key, targets]): [string, BindingSource | BindingSource[]] => [key, targets.length === 1 ? targets[0]! : targets],
  );
  return `import { defineWorkflow, wireSchema } from '@heurist/core/definition';
import graph from './${name}.api.json' with { type: 'json' };
import { ${optionsOf(plan)} } from './${name}-options.ts';

/** How the network runs the graph. */
export const definitions = [
  defineWorkflow({
    workflow_id: '${name}',
    task_type: '${task_type}',
    title: '${name}',
    parameters: wireSchema(${optionsOf(plan)}),
    graph,
    bindings: ${printCode(Object.fromEntries(bindings), 4)},
    constants: ${printCode(byNode(constants), 4)},
    files: ${printCode(filesOf(parameters), 4)},
    outputs: ${printCode(outputs, 4)},
    requirements: ${printCode({ models }, 4)},
  }),
];
`;
}

/** One text per node: \`node.input,input\`. */
function byNode(constants: readonly string[]): string[] {
  const grouped = Map.groupBy(constants, (name) => name.slice(0, name.indexOf('.')));
  return [...grouped].map(([node, names]) => `${node}.${names.map((name) => name.slice(node.length + 1)).join(',')}`);
}

function indexSource(plan: WorkflowPlan): string {
  const [task, from] = [taskOf(plan), `'./${plan.name}-task.ts'`];
  return `export type { ${outputOf(plan)}, ${task}Options } from ${from};\nexport { ${task} } from ${from};\n`;
}

/** The required options only. */
export function example({ parameters }: WorkflowPlan): Record<string, unknown> {
  const required = parameters.filter(({ isRequired }) => isRequired);
  return Object.fromEntries(
    required.map((parameter) => {
      const { name, file } = parameter;
      return [optionName(name, file !== undefined), file ? `https://example.com/${name}` : exampleText(parameter)];
    }),
  );
}

/** A value of an option that is text: that of the graph, if it is not long. */
export function exampleText({ value }: Pick<FoundParameter, 'value'>): string {
  return String(value || 'a fox').slice(0, 80);
}

function testSource(plan: WorkflowPlan): string {
  const task = taskOf(plan);
  const required = plan.parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const missing = required.length
    ? `\n    { name: 'no options', task: () => new ${task}({} as never), message: /${required[0]}/ },`
    : '';
  return `import { test } from 'node:test';
import { testWorkflow } from '@heurist/core/testing';
import { definitions } from './definition.ts';
import { ${task} } from './index.ts';

const least = ${printCode(example(plan), 0)};

testWorkflow(test, {
  definition: definitions[0]!,
  task: () => new ${task}(least),
  refused: [${missing}
    {
      name: 'an unknown option',
      task: () => new ${task}({ ...least, no_such_option: 1 } as never),
      message: /no_such_option/,
    },
  ],
});
`;
}
