// Tests for workflow packages. No test runner is imported: pass your runner's `test`.
import assert from 'node:assert/strict';
import { bind } from './definition/bind.ts';
import { defineWorkflow, unexplainedInputs, type WorkflowDefinition } from './definition/workflow-definition.ts';
import type { WorkflowTask } from './task/workflow-task.ts';
import { HeuristError } from './wire/errors.ts';

/** A workflow under test. */
export interface WorkflowUnderTest {
  definition: WorkflowDefinition;
  /** Creates a task from valid options. */
  task: () => WorkflowTask;
  /** Tasks whose options must be refused, and what the message must match. */
  refused: { name: string; task: () => WorkflowTask; message: RegExp }[];
}

/** Declares the tests that every workflow must pass. Call it once for each definition of a package. */
export function testWorkflow(test: (name: string, run: () => void) => unknown, workflow: WorkflowUnderTest): void {
  const check: Check = (name, run) => test(`${workflow.definition.workflow_id}: ${name}`, run);
  checkDefinition(check, workflow.definition);
  checkTask(check, workflow);
  for (const { name, task, message } of workflow.refused)
    check(`refuses ${name}`, () => {
      assert.throws(task, (error: unknown) => HeuristError.isInstance(error) && message.test(error.message));
    });
}

type Check = (name: string, run: () => void) => void;

function checkDefinition(check: Check, definition: WorkflowDefinition): void {
  check('the definition is consistent', () => {
    assert.deepEqual(defineWorkflow(definition), definition);
  });

  check('every input of the graph is a link, bound, or constant on purpose', () => {
    assert.deepEqual(unexplainedInputs(definition), []);
  });

  check('every parameter of the schema is bound', () => {
    const { shape = {} } = definition.parameters as { shape?: object };
    assert.deepEqual(Object.keys(shape).toSorted(), Object.keys(definition.bindings).toSorted());
  });

  check('every link of the graph leads to a node', () => {
    for (const node of Object.values(definition.graph))
      for (const value of Object.values(node.inputs))
        if (Array.isArray(value) && value.length === 2) assert.ok(definition.graph[value[0]], `link to ${value[0]}`);
  });
}

function checkTask(check: Check, { definition, task }: WorkflowUnderTest): void {
  check('the task sends what the definition accepts', () => {
    const { task_type, task_details } = task();
    assert.equal(task_type, definition.task_type);
    assert.deepEqual(Object.keys(task_details), ['parameters']);
    assert.equal(definition.parameters.safeParse(task_details.parameters).success, true);
  });

  check('every parameter of the task reaches the graph', () => {
    const { parameters } = task().task_details;
    const graph = bind(definition, parameters);
    for (const [name, value] of Object.entries(parameters))
      for (const { node, input, ...rule } of definition.bindings[name] ?? [])
        if (!Object.keys(rule).length) assert.equal(graph[node]?.inputs[input], value);
  });

  check('binding does not change the definition', () => {
    const before = JSON.stringify(definition.graph);
    bind(definition, task().task_details.parameters);
    assert.equal(JSON.stringify(definition.graph), before);
  });
}
