import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catchUp, type Line, PRIORITIES, type Priority, placeTasks, shareClaims } from './turns.ts';

fc.configureGlobal({ numRuns: 500 });

interface Waiting {
  owner: string;
  workflow: string;
  priority: Priority;
  turn: number;
  number: number;
  isAgain?: true;
  /** How many tasks had been claimed when it was submitted. */
  after: number;
}

const order = (a: Waiting, b: Waiting) => a.turn - b.turn || a.number - b.number;

/** A network that keeps its tasks in memory, with the order of the real one. */
class Model {
  waiting: Waiting[] = [];
  served: Waiting[] = [];
  running: Waiting[] = [];
  /** For each task that was served, who could not be seen at that moment. */
  lockedAt: (string | undefined)[] = [];
  readonly #turn = new Map<string, number>();
  #given = new Map<string, number>();
  #servedAt = new Map<string, number>();
  #arrived = new Map<number, number>();
  /** How many tasks of each line were canceled while they waited. */
  #canceled = new Map<string, number>();
  #time = 0;

  #line(owner: string, workflow: string): Line {
    const here = this.waiting.filter((task) => task.workflow === workflow);
    const levels: Line['levels'] = {};
    for (const priority of PRIORITIES) {
      const turns = here.filter((task) => task.owner === owner && task.priority === priority).map(({ turn }) => turn);
      if (turns.length) levels[priority] = { first: Math.min(...turns), last: Math.max(...turns) };
    }
    const last = this.#turn.get(workflow) ?? 1;
    const served = Math.max(last, here.length ? Math.min(...here.map(({ turn }) => turn)) : last);
    return { served, given: this.#given.get(owner + workflow) ?? 0, levels };
  }

  submit(owner: string, workflow: string, ...priorities: Priority[]): Waiting[] {
    return this.#place(this.#line(owner, workflow), owner, workflow, priorities);
  }

  /** A submission that is committed late: others are claimed meanwhile. Only for an owner without waiting tasks. */
  submitLate(owner: string, workflow: string, claims: number, ...priorities: Priority[]): Waiting[] {
    if (this.waiting.some((task) => task.owner === owner && task.workflow === workflow)) return [];
    const line = this.#line(owner, workflow);
    for (let count = 0; count < claims; count++) this.claim([workflow]);
    return this.#place(line, owner, workflow, priorities);
  }

  #place(line: Line, owner: string, workflow: string, priorities: Priority[]): Waiting[] {
    const { turns, shifts, given } = placeTasks(line, priorities);
    for (const task of this.waiting)
      if (task.owner === owner && task.workflow === workflow) task.turn += shifts.get(task.priority) ?? 0;
    this.#given.set(owner + workflow, given);
    return priorities.map((priority, index) => {
      const task = { owner, workflow, priority, turn: turns[index]!, number: ++this.#time, after: this.served.length };
      this.#arrived.set(task.number, this.#time);
      this.waiting.push(task);
      return task;
    });
  }

  /** As the sequencer does before each claim. */
  #catchUp(workflow: string): void {
    const here = this.waiting.filter((task) => task.workflow === workflow);
    for (const own of Map.groupBy(here, ({ owner }) => owner).values()) {
      const line = own.toSorted(order);
      const { owner } = line[0]!;
      const turns = catchUp(
        line.map(({ turn }) => turn),
        this.#line(owner, workflow).served,
      );
      for (const [index, task] of line.entries()) task.turn = turns[index]!;
      this.#given.set(owner + workflow, Math.max(this.#given.get(owner + workflow) ?? 0, ...turns));
    }
  }

  /** @param locked - an owner whose tasks no claim can see at this moment */
  claim(workflows: string[], count = 1, locked?: string): Waiting[] {
    const lines = workflows.map((workflow_id) => {
      this.#catchUp(workflow_id);
      const tasks = this.waiting
        .filter((task) => task.workflow === workflow_id && task.owner !== locked)
        .toSorted(order);
      const since = Math.max(tasks[0]?.number ?? 0, this.#servedAt.get(workflow_id) ?? 0);
      return { workflow_id, count: tasks.length, since, tasks };
    });
    const now = ++this.#time;
    const claimed = [...shareClaims(lines, count)].flatMap(([workflow_id, share]) => {
      this.#servedAt.set(workflow_id, now);
      return lines.find((line) => line.workflow_id === workflow_id)!.tasks.slice(0, share);
    });
    this.waiting = this.waiting.filter((task) => !claimed.includes(task));
    for (const { workflow, turn } of claimed) this.#turn.set(workflow, Math.max(this.#turn.get(workflow) ?? 0, turn));
    this.running.push(...claimed);
    this.served.push(...claimed);
    this.lockedAt.push(...claimed.map(() => locked));
    return claimed;
  }

  /** Its miner is lost: it is handed out again. */
  lose(index: number): void {
    for (const task of this.running.splice(index, 1)) this.waiting.push(Object.assign(task, { isAgain: true }));
  }

  /** A task that waits is canceled, or has timed out. */
  cancel(index: number): void {
    for (const { owner, workflow } of this.waiting.splice(index, 1))
      this.#canceled.set(owner + workflow, (this.#canceled.get(owner + workflow) ?? 0) + 1);
  }

  end(index: number): void {
    this.running.splice(index, 1);
  }

  /**
   * How many tasks of one other owner were claimed at most while a task was the first of its own. What is handed out again
   * had its turn before, and who could not be seen was passed by. Each task that an owner cancels leaves one turn out: those are not
   * counted.
   */
  mostOvertakes(): number {
    const counts = this.served.flatMap((task, place) => {
      if (task.isAgain) return [];
      const isOfLine = ({ owner, workflow }: Waiting) => owner === task.owner && workflow === task.workflow;
      const first = Math.max(task.after, this.served.slice(0, place).findLastIndex(isOfLine) + 1);
      const passed = this.served.slice(first, place).filter(({ workflow }) => workflow === task.workflow);
      if (this.lockedAt.slice(first, place + 1).includes(task.owner)) return [];
      const others = Map.groupBy(
        passed.filter(({ isAgain }) => !isAgain),
        ({ owner }) => owner,
      );
      const own = this.#canceled.get(task.owner + task.workflow) ?? 0;
      return [...others.values()].map((tasks) => tasks.length - own);
    });
    return Math.max(0, ...counts);
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

describe('catching up', () => {
  test.each([
    { what: 'nobody was passed by', turns: [7, 8, 9], served: 6, now: [7, 8, 9] },
    { what: 'one task goes first', turns: [3, 8, 9], served: 7, now: [3, 8, 9] },
    { what: 'the others wait, one in each turn', turns: [3, 4, 5, 8, 30], served: 7, now: [3, 8, 9, 10, 30] },
    { what: 'also one of the turn that is served', turns: [3, 7, 8], served: 7, now: [3, 8, 9] },
    { what: 'nothing waits', turns: [], served: 7, now: [] },
    { what: 'the first tasks were canceled', turns: [20, 21, 22], served: 7, now: [8, 21, 22] },
    { what: 'others were canceled', turns: [8, 21, 22], served: 7, now: [8, 21, 22] },
  ])('$what', ({ turns, served, now }) => {
    expect(catchUp(turns, served)).toEqual(now);
  });

  test('twenty tasks of one owner that miners dropped do not all go before another one', () => {
    const model = new Model();
    model.submit('greedy', 'a', ...many(60));
    for (let count = 0; count < 20; count++) model.claim(['a']);
    for (let count = 0; count < 20; count++) model.lose(0);
    const [single] = model.submit('modest', 'a', 0);
    expect(model.placeOf(single!, ['a']).before.get('greedy')).toBe(1);
  });

  test('an owner whose tasks could not be seen for a while is not served ten times before another one', () => {
    const model = new Model();
    model.submit('locked', 'a', ...many(20));
    const own = model.submit('modest', 'a', ...many(20));
    for (let count = 0; count < 10; count++) model.claim(['a'], 1, 'locked');
    expect(model.placeOf(own[10]!, ['a']).before.get('locked')).toBeLessThanOrEqual(2);
  });

  test('an owner that has canceled its first tasks does not wait for their turns', () => {
    const model = new Model();
    const own = model.submit('hasty', 'a', ...many(40));
    model.submit('modest', 'a', ...many(40));
    model.claim(['a'], 2);
    for (let count = 0; count < 30; count++) model.cancel(0);
    for (const task of own.slice(31, 34)) expect(model.placeOf(task, ['a']).place).toBeLessThanOrEqual(2);
  });

  test('a submission that was committed late joins the others, with one task at a time', () => {
    const model = new Model();
    const own = model.submit('modest', 'a', ...many(20));
    model.submitLate('late', 'a', 10, ...many(10));
    expect(model.placeOf(own[10]!, ['a']).before.get('late')).toBeLessThanOrEqual(2);
  });
});

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
    locked: fc.option(fc.constantFrom(...owners), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('late' as const),
    owner: fc.constantFrom(...owners),
    workflow: fc.constantFrom(...workflows),
    claims: fc.nat(8),
    priorities: fc.array(fc.constantFrom(...PRIORITIES), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(5) }),
  fc.record({ kind: fc.constant('lose' as const), index: fc.nat(5) }),
  fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(20) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const history = fc.array(step, { maxLength: 60 });

function play(steps: readonly Step[]): Model {
  const model = new Model();
  for (const next of steps)
    if (next.kind === 'submit') model.submit(next.owner, next.workflow, ...next.priorities);
    else if (next.kind === 'claim') model.claim(next.offers, next.count, next.locked);
    else if (next.kind === 'late') model.submitLate(next.owner, next.workflow, next.claims, ...next.priorities);
    else if (next.kind === 'lose') model.lose(next.index);
    else if (next.kind === 'cancel') model.cancel(next.index);
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
          // one that is handed out again goes first
          const fresh = byTurn.filter(({ isAgain }) => !isAgain);
          expect(fresh).toEqual(fresh.toSorted((a, b) => b.priority - a.priority || a.number - b.number));
        }
      }),
    );
  });

  test('a task that is the first of its owner is overtaken by two tasks of another at most, and one for each that its owner canceled', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const model = play(steps);
        while (model.waiting.length) model.claim(workflows);
        expect(model.mostOvertakes()).toBeLessThanOrEqual(2);
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
