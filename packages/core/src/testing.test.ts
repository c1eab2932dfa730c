import { expect, test } from 'vitest';
import { defineWorkflow, wireSchema } from './definition.ts';
import { options, prompt, steps } from './parameters.ts';
import { SchemaTask } from './task/schema-task.ts';
import { testWorkflow, type WorkflowUnderTest } from './testing.ts';

const schema = options(prompt(), steps());
class MyTask extends SchemaTask {
  constructor(given: object) {
    super('MyTask', schema, given);
  }
  get task_type() {
    return 'mine';
  }
}
class OtherTask extends MyTask {
  override get task_type() {
    return 'other';
  }
}
class LooseTask extends MyTask {
  override get task_details() {
    return { parameters: this.parameters, more: 1 };
  }
}
class WrongTask extends MyTask {
  override get task_details() {
    return { parameters: { prompt: 1 } };
  }
}

const definition = defineWorkflow({
  workflow_id: 'mine',
  task_type: 'mine',
  title: 'Mine',
  parameters: wireSchema(schema),
  graph: {
    a: { class_type: 'A', inputs: { prompt: '', steps: 1 } },
    b: { class_type: 'B', inputs: { from: ['a', 0] } },
  },
  bindings: { prompt: 'a.prompt', steps: 'a.steps' },
  outputs: ['b'],
});
const right: WorkflowUnderTest = {
  definition,
  task: () => new MyTask({ prompt: 'x', steps: 0 + 2 }),
  refused: [{ name: 'no prompt', task: () => new MyTask({}), message: /prompt/ }],
};

/** Names of the tests that fail. */
function failures(workflow: WorkflowUnderTest): string[] {
  const failed: string[] = [];
  testWorkflow((name, run) => {
    try {
      run();
    } catch {
      failed.push(name);
    }
  }, workflow);
  return failed;
}

test('a workflow that is right passes', () => {
  expect(failures(right)).toEqual([]);
});

test.each<[string, Partial<WorkflowUnderTest>, string[]]>([
  [
    'a definition that was not completed',
    { definition: { ...definition, outputs: ['z'] } },
    ['mine: the definition is consistent'],
  ],
  [
    'an input that was forgotten',
    { definition: { ...definition, graph: { ...definition.graph, c: { class_type: 'A', inputs: { x: 1 } } } } },
    ['mine: every input of the graph is a link, bound, or constant on purpose'],
  ],
  [
    'a parameter that is bound nowhere',
    { definition: { ...definition, parameters: wireSchema(options(prompt())) } },
    ['mine: every parameter of the schema is bound', 'mine: the task sends what the definition accepts'],
  ],
  [
    'a task of another type',
    { task: () => new OtherTask({ prompt: 'x' }) },
    ['mine: the task sends what the definition accepts'],
  ],
  [
    'a task that sends more',
    { task: () => new LooseTask({ prompt: 'x' }) },
    ['mine: the task sends what the definition accepts'],
  ],
  [
    'a task that sends what does not fit',
    { task: () => new WrongTask({ prompt: 'x' }) },
    ['mine: the task sends what the definition accepts'],
  ],
  [
    'a parameter that another one overwrites',
    { definition: { ...definition, bindings: { ...definition.bindings, steps: definition.bindings.prompt! } } },
    [
      'mine: every input of the graph is a link, bound, or constant on purpose',
      'mine: every parameter of the task reaches the graph',
    ],
  ],
  [
    'a link to nowhere',
    { definition: { ...definition, graph: { ...definition.graph, c: { class_type: 'A', inputs: { x: ['z', 0] } } } } },
    ['mine: every link of the graph leads to a node'],
  ],
  [
    'options that are not refused',
    { refused: [{ name: 'nothing', task: () => new MyTask({ prompt: 'x' }), message: /./ }] },
    ['mine: refuses nothing'],
  ],
  [
    'a refusal that says something else',
    { refused: [{ name: 'no prompt', task: () => new MyTask({}), message: /steps/ }] },
    ['mine: refuses no prompt'],
  ],
  [
    'a refusal that is not ours',
    {
      refused: [
        {
          name: 'no prompt',
          task: () => {
            throw new Error('prompt');
          },
          message: /prompt/,
        },
      ],
    },
    ['mine: refuses no prompt'],
  ],
])('%s is found', (_, change, failed) => {
  expect(failures({ ...right, ...change })).toEqual(failed);
});
