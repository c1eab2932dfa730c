// A network of miners with models, in discrete events: no time passes. The policy is told what a sequencer knows, no more.
import { LEAST_PATIENCE_MS, type WarmClaimant } from '@heurist/sequencer/warm-routing';
import { type Arrival, poisson } from './arrivals.ts';
import { Fleet } from './fleet.ts';
import { Heap } from './heap.ts';
import { Line } from './line.ts';
import type { Policy } from './policies.ts';
import { type Counts, Tally } from './tally.ts';
import { Watch } from './watch.ts';

export interface Scenario {
  models: number;
  miners: number;
  /** Models that a miner can hold at once. What it has not used for longest makes room. */
  slots: number;
  load_ms: number;
  run_ms: number;
  /** How many tasks arrive, by chance, as a share of those that the miners could run if all were warm. `all`: all at the start. */
  offered: number | 'all';
  tasks: number;
  seed: number;
}

/** How a simulation went. */
export interface Figures extends Counts {
  /** The longest time for which the first task of a line was passed by, in seconds. */
  passed: number;
  /** How long that may be. */
  bound: number;
}

interface Task {
  line: Line;
  started: number;
  isWarm: boolean;
}

interface Miner {
  number: number;
  claimant: WarmClaimant;
  task?: Task | undefined;
}

type Event = { kind: 'arrival'; model: number } | { kind: 'end'; miner: Miner } | { kind: 'look' };

/** Runs a scenario with a policy. The same seed brings the same tasks, whatever the policy. */
export function simulate(scenario: Scenario, policy: Policy): Figures {
  return new Simulation(scenario, policy).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #policy: Policy;
  readonly #events = new Heap<Event>();
  readonly #lines: Line[];
  /** By id, those with tasks that wait. */
  readonly #waiting = new Map<string, Line>();
  /** In the order in which they asked. */
  readonly #idle = new Set<Miner>();
  readonly #fleet = new Fleet();
  readonly #watch = new Watch();
  readonly #tally = new Tally();
  #arrivals: Iterator<Arrival>;
  #arrived = 0;
  #now = 0;
  #lookAt = Infinity;

  constructor(scenario: Scenario, policy: Policy) {
    const { models, miners, slots, run_ms, offered, seed } = scenario;
    this.#scenario = scenario;
    this.#policy = policy;
    this.#lines = Array.from({ length: models }, (_, model) => new Line(`m${model}`));
    for (let number = 0; number < miners; number++) this.#idle.add({ number, claimant: { warm: [], slots } });
    this.#arrivals = poisson(models, offered === 'all' ? Infinity : (offered * miners) / run_ms, seed);
  }

  run(): Figures {
    const { tasks, offered, load_ms } = this.#scenario;
    if (offered === 'all') this.#arriveAll();
    else this.#expectArrival();
    // what still waits when the last task has arrived has waited in vain
    while (offered === 'all' ? this.#tally.ends < tasks : this.#arrived <= tasks) this.#handle(this.#events.take()!);
    for (const { rest } of this.#waiting.values()) for (const at of rest) this.#tally.start(at, this.#now, 0);
    return {
      ...this.#tally.figures(this.#now),
      passed: this.#watch.longest / 1000,
      bound: Math.max(load_ms, LEAST_PATIENCE_MS) / 1000,
    };
  }

  #arriveAll(): void {
    this.#tally.from = 0;
    while (this.#arrived < this.#scenario.tasks) this.#arrive(this.#nextArrival().model);
    this.#serve();
  }

  #nextArrival(): Arrival {
    this.#arrived++;
    return this.#arrivals.next().value;
  }

  #expectArrival(): void {
    const { at, model } = this.#nextArrival();
    if (this.#arrived === Math.ceil(this.#scenario.tasks / 10)) this.#tally.from = at;
    this.#events.add(at, { kind: 'arrival', model });
  }

  #handle({ at, item }: { at: number; item: Event }): void {
    this.#now = at;
    if (item.kind === 'end') this.#end(item.miner);
    else if (item.kind === 'look') this.#lookAt = Infinity;
    else {
      this.#arrive(item.model);
      this.#expectArrival();
    }
    this.#serve();
  }

  #arrive(model: number): void {
    const line = this.#lines[model]!;
    line.add(this.#now);
    this.#waiting.set(line.id, line);
  }

  #end(miner: Miner): void {
    const { line, isWarm, started } = miner.task!;
    this.#fleet.noteEnd(line.id, isWarm, this.#now - started);
    this.#tally.end();
    miner.task = undefined;
    this.#fleet.noteClaim(miner.number, miner.claimant);
    this.#idle.add(miner);
  }

  /** One claim for all miners that wait for tasks. */
  #serve(): void {
    if (!this.#waiting.size || !this.#idle.size) return;
    const now = this.#now;
    const lines = Array.from(this.#waiting.values(), (line) => line.view());
    const idle = [...this.#idle];
    const knowledge = { get: (key: string) => this.#fleet.get(key, now) };
    const claimants = idle.map(({ claimant }) => claimant);
    const { assignments, passed, look_again_at } = this.#policy({ lines, claimants, knowledge, now });
    this.#watch.note({ lines, assignments, isSomebodyIdle: idle.length > assignments.length, now });
    for (const { claimant, line } of assignments) this.#start(idle[claimant]!, this.#waiting.get(line)!);
    for (const line of this.#waiting.values()) line.passed_since = passed?.get(line.id);
    for (const [id, line] of this.#waiting) if (!line.count) this.#waiting.delete(id);
    if (look_again_at !== undefined) this.#lookAgain(look_again_at);
  }

  #lookAgain(at: number): void {
    if (at >= this.#lookAt) return;
    this.#lookAt = at;
    this.#events.add(at, { kind: 'look' });
  }

  #start(miner: Miner, line: Line): void {
    const { load_ms, run_ms } = this.#scenario;
    const [now, isWarm] = [this.#now, isHeld(miner.claimant, line)];
    this.#idle.delete(miner);
    this.#fleet.noteStart(miner.number, line.id, miner.claimant, now);
    const arrived = line.take(now);
    const load = isWarm ? 0 : load_ms;
    miner.claimant = withModel(miner.claimant, line, load_ms);
    miner.task = { line, started: now, isWarm };
    this.#events.add(now + load + run_ms, { kind: 'end', miner });
    this.#tally.start(arrived, now, load, isWarm);
  }
}

function isHeld({ warm = [] }: WarmClaimant, { id }: Line): boolean {
  return warm.some(({ key }) => key === id);
}

/** A miner that has run something: its models are the most recent now. */
function withModel({ warm = [], slots }: WarmClaimant, { id }: Line, load_ms: number): WarmClaimant {
  const others = warm.filter(({ key }) => key !== id);
  return { warm: [{ key: id, load_ms }, ...others].slice(0, slots), slots };
}
