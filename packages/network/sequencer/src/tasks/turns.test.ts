import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Line, PRIORITIES, type Priority, placeTasks, shareClaims } from './turns.ts';

interface Waiting {
  owner: string;
  workflow: string;
  priority: Priority;
  turn: number;
  number: number;
}

/** A network that keeps its tasks in memory, with the order of the real one. */
class Model {
  waiting: Waiting[] = [];
  served: Waiting[] = [];
  running: Waiting[] = [];
  #given = new Map<string, number>();
  #servedAt = new Map<string, number>();
  #arrived = new Map<number, number>();
  #time = 0;

  #line(owner: string, workflow: string): Line {
    const here = this.waiting.filter((task) => task.workflow === workflow);
    const running = this.running.filter((task) => task.workflow === workflow);
    const levels: Line['levels'] = {};
    for (const priority of PRIORITIES) {
      const turns = here.filter((task) => task.owner === owner && task.priority === priority).map(({ turn }) => turn);
      if (turns.length) levels[priority] = { first: Math.min(...turns), last: Math.max(...turns) };
    }
    const served = Math.max(
      ...(here.length ? [Math.min(...here.map(({ turn }) => turn))] : []),
      ...running.map(({ turn }) => turn),
      here.length || running.length ? 0 : 1,
    );
    return { served, given: this.#given.get(owner + workflow) ?? 0, levels };
  }

  submit(owner: string, workflow: string, ...priorities: Priority[]): Waiting[] {
    const { turns, shifts, given } = placeTasks(this.#line(owner, workflow), priorities);
    for (const task of this.waiting)
      if (task.owner === owner && task.workflow === workflow) task.turn += shifts.get(task.priority) ?? 0;
    this.#given.set(owner + workflow, given);
    return priorities.map((priority, index) => {
      const task = { owner, workflow, priority, turn: turns[index]!, number: ++this.#time };
      this.#arrived.set(task.number, this.#time);
      this.waiting.push(task);
      return task;
    });
  }

  claim(workflows: string[], count = 1): Waiting[] {
    const order = (a: Waiting, b: Waiting) => a.turn - b.turn || a.number - b.number;
    const lines = workflows.map((workflow_id) => {
      const tasks = this.waiting.filter((task) => task.workflow === workflow_id).toSorted(order);
      const since = Math.max(tasks[0]?.number ?? 0, this.#servedAt.get(workflow_id) ?? 0);
      return { workflow_id, count: tasks.length, since, tasks };
    });
    const now = ++this.#time;
    const claimed = [...shareClaims(lines, count)].flatMap(([workflow_id, share]) => {
      this.#servedAt.set(workflow_id, now);
      return lines.find((line) => line.workflow_id === workflow_id)!.tasks.slice(0, share);
    });
    this.waiting = this.waiting.filter((task) => !claimed.includes(task));
    this.running.push(...claimed);
    this.served.push(...claimed);
    return claimed;
  }

  end(index: number): void {
    this.running.splice(index, 1);
  }

  /** Serves until nothing waits; returns the place of a task among all, and among those of its workflow by owner. */
  placeOf(task: Waiting, workflows: string[]): { place: number; before: Map<string, number> } {
    const start = this.served.length;
    while (this.waiting.includes(task)) this.claim(workflows);
    const served = this.served.slice(start, this.served.indexOf(task));
    const before = Map.groupBy(
      served.filter(({ workflow }) => workflow === task.workflow),
      ({ owner }) => owner,
    );
    return {
      place: served.length + 1,
      before: new Map([...before].map(([owner, tasks]) => [owner, tasks.length])),
    };
  }
}

const many = (count: number, priority: Priority = 0) => new Array<Priority>(count).fill(priority);

describe('known attacks', () => {
  test('a workflow that another one has overtaken does not make newcomers wait: second in its line', () => {
    const model = new Model();
    model.submit('greedy', 'first', ...many(120));
    model.submit('greedy', 'second', ...many(120));
    for (let count = 0; count < 102; count++) model.claim(['second']);
    const [single] = model.submit('modest', 'first', 0);
    expect(model.placeOf(single!, ['first'])).toEqual({ place: 2, before: new Map([['greedy', 1]]) });
  });

  test('six graphs in three priorities buy one task of each graph before another owner', () => {
    const model = new Model();
    const graphs = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const priority of PRIORITIES) for (const graph of graphs) model.submit('greedy', graph, ...many(5, priority));
    const [single] = model.submit('modest', 'a', 0);
    expect(model.placeOf(single!, graphs).place).toBeLessThanOrEqual(7);
  });

  test('two owners with one task at a time never keep a third one waiting', () => {
    const model = new Model();
    const [, second] = model.submit('patient', 'a', 0, 0);
    model.submit('x', 'a', 0);
    model.submit('y', 'a', 0);
    for (let count = 0; count < 20 && model.waiting.includes(second!); count++) {
      const [task] = model.claim(['a']);
      model.end(0);
      if (task!.owner !== 'patient') model.submit(task!.owner, 'a', 0);
    }
    expect(model.served).toContain(second);
  });
});

const owners = ['greedy', 'b', 'c', 'd'];
const workflows = ['one', 'two', 'three'];
const step = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    owner: fc.constantFrom(...owners),
    workflow: fc.constantFrom(...workflows),
    priorities: fc.array(fc.constantFrom(...PRIORITIES), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('claim' as const),
    offers: fc.subarray(workflows, { minLength: 1 }),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(5) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const history = fc.array(step, { maxLength: 60 });

function play(steps: readonly Step[]): Model {
  const model = new Model();
  for (const next of steps)
    if (next.kind === 'submit') model.submit(next.owner, next.workflow, ...next.priorities);
    else if (next.kind === 'claim') model.claim(next.offers, next.count);
    else model.end(next.index);
  return model;
}

describe('whatever came before', () => {
  test('a newcomer is served after at most one task of each other owner in its workflow, and one round of the others', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...workflows), (steps, workflow) => {
        const model = play(steps);
        const [single] = model.submit('newcomer', workflow, 0);
        const { place, before } = model.placeOf(single!, workflows);
        for (const [, count] of before) expect(count).toBeLessThanOrEqual(1);
        expect(place).toBeLessThanOrEqual((owners.length + 1) * workflows.length);
      }),
    );
  });

  test('an owner has one place in each turn of a workflow, and its own tasks go by priority, then in their order', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { waiting } = play(steps);
        const lines = Map.groupBy(waiting, ({ owner, workflow }) => owner + workflow);
        for (const line of lines.values()) {
          const byTurn = line.toSorted((a, b) => a.turn - b.turn);
          expect(new Set(line.map(({ turn }) => turn)).size).toBe(line.length);
          expect(byTurn).toEqual(line.toSorted((a, b) => b.priority - a.priority || a.number - b.number));
        }
      }),
    );
  });

  test('two owners whose tasks always wait are served by turns', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.constantFrom(...PRIORITIES), { minLength: 30, maxLength: 30 }),
        (steps, tasks) => {
          const model = play(steps);
          model.submit('x', 'one', ...tasks);
          model.submit('y', 'one', ...tasks.toReversed());
          const start = model.served.length;
          const count = (owner: string) => model.served.slice(start).filter((task) => task.owner === owner).length;
          while (model.waiting.some(({ owner }) => owner === 'x' || owner === 'y')) {
            model.claim(['one']);
            expect(Math.abs(count('x') - count('y'))).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
