// Who takes which waiting task, so that models are loaded seldom: pure. See docs/decisions/2026-11-29-warm-routing.md.
import {
  clampLoad,
  type KeyKnowledge,
  LEAST_PATIENCE_MS,
  type ModelLine,
  type Routing,
  type RoutingInput,
  type WarmClaimant,
} from './knowledge.ts';

/** A head that a miner holds the models of counts as older by this many loads. */
const HEAD_START = 2;
/** Miners leave work to those that hold its models while these need less time than this many loads. */
const WORTH_WAITING = 1.5;
/** Before all others. */
const OVERDUE_MS = 1e15;

/** The first waiting task of a line, and how many there are with it. */
interface Head {
  line: ModelLine;
  left: number;
  since: number;
  /** Among heads of the same age, the lowest goes first. */
  turn: number;
  passed_since: number | undefined;
  /** The place of the miner that holds its models, as long as that one is free: idle ones before those that claim ahead. */
  warmest: number | undefined;
  /** Whether any of those that hold its models takes it. */
  hasTakers: boolean;
}

/** For how long the first task of a line may be passed by. */
export function patienceOf(known: KeyKnowledge | undefined): number {
  return Math.max(LEAST_PATIENCE_MS, clampLoad(known?.load_ms) ?? 0);
}

/**
 * Shares waiting tasks among miners. The task that has been the first of its line for longest goes first; where a miner holds
 * its models, it counts as older. Miners leave tasks to others that hold the models while those are faster, and no task is
 * passed by for longer than {@link patienceOf} says. Without knowledge of models: as `shareClaims`.
 */
export function routeClaims(input: RoutingInput): Routing {
  return new Router(input).route();
}

class Router {
  readonly #now: number;
  readonly #heads: Head[];
  readonly #claimants: readonly WarmClaimant[];
  /** By place: whether a claimant has got something. */
  readonly #served: Uint8Array;
  #free: number;
  /** Model key -> places of those that hold it, in their order; only keys of heads. */
  readonly #warm: Map<string, number[]>;
  /** Places of those that may take what most miners leave. */
  readonly #unusual: number[] = [];
  readonly #given: RoutingInput['knowledge'];
  /** What has changed by this claim. */
  readonly #changed = new Map<string, KeyKnowledge>();
  /** When the next task of a line that was taken from becomes its first: after all others. */
  readonly #latest: number;
  readonly #taken: { place: number; since: number }[] = [];
  readonly #assignments: Routing['assignments'] = [];
  readonly #passed: Routing['passed'] = new Map();
  readonly #leaving = new Set<number>();
  #lookAgainAt = Infinity;

  constructor({ lines, claimants, knowledge, now }: RoutingInput) {
    this.#now = now;
    this.#heads = lines.filter(({ count }) => count > 0).map(asHead);
    this.#latest = this.#heads.reduce((latest, { since }) => Math.max(latest, since), now);
    this.#claimants = claimants;
    this.#served = new Uint8Array(claimants.length);
    this.#free = claimants.length;
    this.#given = knowledge;
    this.#warm = new Map(this.#heads.flatMap(({ line: { model_key } }) => (model_key ? [[model_key, []]] : [])));
    for (const [place, { warm, loads }] of claimants.entries()) {
      if (!warm?.length || loads?.size) this.#unusual.push(place);
      if (this.#warm.size && warm) for (const { key } of warm) this.#warm.get(key)?.push(place);
    }
  }

  route(): Routing {
    const open = new Set(this.#heads);
    while (this.#free && open.size) {
      const head = this.#first(open);
      const taker = this.#warmest(head) ?? this.#coldest(head);
      if (taker !== undefined) this.#take(head, taker);
      if (taker === undefined || !head.left) open.delete(head);
    }
    const left = this.#heads.filter((head) => head.left);
    const idle = left.length && this.#free ? [...this.#claimants.keys()].filter((place) => !this.#served[place]) : [];
    for (const head of left) this.#noteLeft(head, idle);
    return {
      assignments: this.#assignments,
      leaving: [...this.#leaving],
      passed: this.#passed,
      look_again_at: this.#leaving.size ? this.#lookAgainAt : undefined,
    };
  }

  #first(heads: Iterable<Head>): Head {
    let first: { head: Head; rank: number } | undefined;
    for (const head of heads) {
      // of those that are overdue too, the oldest goes first: an older one does not pass by a younger one
      const rank = head.since - (this.#isOverdue(head) ? OVERDUE_MS : this.#headStart(head));
      if (!first || rank < first.rank || (rank === first.rank && head.turn < first.head.turn)) first = { head, rank };
    }
    return first!.head;
  }

  #isOverdue({ line, passed_since }: Head): boolean {
    return passed_since !== undefined && this.#now >= passed_since + patienceOf(this.#known(line.model_key));
  }

  /** By how much a head counts as older, since a free miner holds its models. */
  #headStart(head: Head): number {
    const taker = this.#warmest(head);
    if (taker === undefined) return 0;
    const { isAhead, warm } = this.#claimants[taker]!;
    // a miner that claims ahead goes on with what it runs now
    const isOther = isAhead && warm![0]!.key !== head.line.model_key;
    return (isOther ? 1 : HEAD_START) * (this.#loadOf(head, taker) ?? 0);
  }

  #warmest(head: Head): number | undefined {
    const { line, warmest } = head;
    // who is free now was so before
    if (warmest !== undefined && !this.#served[warmest]) return warmest;
    const holders = this.#warm.get(line.model_key!)?.filter((place) => this.#mayTake(place, line));
    head.warmest = holders?.find((place) => !this.#claimants[place]!.isAhead) ?? holders?.[0];
    return head.warmest;
  }

  /** The miner that loses least by loading the models of a head; undefined if all leave it to warm ones. */
  #coldest(head: Head): number | undefined {
    const wait = this.#isOverdue(head) ? undefined : this.#warmWait(head);
    const needed = new Set(this.#heads.flatMap(({ line, left }) => (left && line.model_key) || []));
    let taker: { place: number; loss: number } | undefined;
    for (const place of this.#isLeftByMost(head, wait) ? this.#unusual : this.#claimants.keys()) {
      if (!this.#mayTake(place, head.line) || this.#isLeftBy(place, head, wait)) continue;
      const loss = this.#lossOf(place, needed);
      if (!taker || loss < taker.loss) taker = { place, loss };
      if (!loss) break;
    }
    return taker?.place;
  }

  /** Whether those leave it of whom nothing else is known than what they hold: of a thousand idle miners, not each is asked. */
  #isLeftByMost({ line }: Head, wait: number | undefined): boolean {
    return isWorthWaiting(wait, clampLoad(this.#known(line.model_key)?.load_ms));
  }

  /** A miner that holds nothing has nothing to lose by a load; with a single workflow there are no others. */
  #isLeftBy(place: number, head: Head, wait: number | undefined): boolean {
    return !!this.#claimants[place]!.warm?.length && isWorthWaiting(wait, this.#loadOf(head, place));
  }

  /** How long those that hold a model take for all of its tasks that wait; undefined if that is not known. */
  #warmWait({ line, left, hasTakers }: Head): number | undefined {
    const known = this.#known(line.model_key);
    if (!hasTakers || !known?.holders || known.run_ms === undefined) return undefined;
    return (known.busy_ms + left * known.run_ms) / known.holders;
  }

  /** What is lost when a miner loads something: it should be idle, and not hold what is needed now, or what few hold. */
  #lossOf(place: number, needed: ReadonlySet<string>): number {
    const { warm = [], slots = 0, isAhead } = this.#claimants[place]!;
    const last = warm.at(-1);
    const rare = last && warm.length >= slots ? 1 / Math.max(1, this.#known(last.key)?.holders ?? 1) : 0;
    const isNeeded = warm.some(({ key }) => needed.has(key));
    return (isAhead ? 4 : 0) + (isNeeded ? 2 : 0) + rare;
  }

  #take(head: Head, place: number): void {
    this.#served[place] = 1;
    this.#free--;
    this.#taken.push({ place, since: head.since });
    const isWarm = this.#isWarm(head.line, place);
    this.#assignments.push({ claimant: place, line: head.line.id, isWarm });
    this.#noteWork(head, place, isWarm);
    head.left--;
    head.since = this.#latest;
    head.turn = this.#heads.length + this.#taken.length;
    head.passed_since = undefined;
    head.hasTakers = true;
  }

  #isWarm({ model_key }: ModelLine, place: number): boolean | undefined {
    const { warm } = this.#claimants[place]!;
    return model_key === undefined ? undefined : warm?.some(({ key }) => key === model_key);
  }

  /** What the next miner of the same claim must know. */
  #noteWork(head: Head, place: number, isWarm: boolean | undefined): void {
    const { model_key } = head.line;
    const load = isWarm === false ? (this.#loadOf(head, place) ?? 0) : 0;
    const work = load + (this.#known(model_key)?.run_ms ?? 0);
    for (const { key } of this.#claimants[place]!.warm ?? []) this.#change(key, 0, work);
    if (isWarm === false) this.#change(model_key!, 1, work);
  }

  #change(key: string, holders: number, work: number): void {
    const known = this.#known(key) ?? { holders: 0, busy_ms: 0 };
    this.#changed.set(key, { ...known, holders: known.holders + holders, busy_ms: known.busy_ms + work });
  }

  /** Notes who leaves a head, and whether it is passed by. */
  #noteLeft(head: Head, idle: readonly number[]): void {
    const isLeft = idle.some((place) => this.#isAllowed(place, head.line));
    const isPassed =
      isLeft ||
      head.passed_since !== undefined ||
      this.#taken.some(({ place, since }) => since > head.since && this.#isAllowed(place, head.line));
    if (!isPassed) return;
    const passed_since = head.passed_since ?? this.#now;
    this.#passed.set(head.line.id, passed_since);
    if (!isLeft) return;
    // a thousand idle miners leave a hundred heads
    if (this.#leaving.size < idle.length)
      for (const place of idle) if (this.#isAllowed(place, head.line)) this.#leaving.add(place);
    this.#lookAgainAt = Math.min(passed_since + patienceOf(this.#known(head.line.model_key)), this.#lookAgainAt);
  }

  #known(key: string | undefined): KeyKnowledge | undefined {
    return key === undefined ? undefined : (this.#changed.get(key) ?? this.#given.get(key));
  }

  #loadOf({ line: { model_key } }: Head, place: number): number | undefined {
    if (model_key === undefined) return undefined;
    const { warm, loads } = this.#claimants[place]!;
    const own = warm?.find(({ key }) => key === model_key)?.load_ms ?? loads?.get(model_key);
    return clampLoad(own ?? this.#known(model_key)?.load_ms);
  }

  #mayTake(place: number, line: ModelLine): boolean {
    return !this.#served[place] && this.#isAllowed(place, line);
  }

  #isAllowed(place: number, { id }: ModelLine): boolean {
    return this.#claimants[place]!.lines?.has(id) ?? true;
  }
}

function isWorthWaiting(wait: number | undefined, load: number | undefined): boolean {
  return wait !== undefined && load !== undefined && wait < WORTH_WAITING * load;
}

function asHead(line: ModelLine, turn: number): Head {
  return {
    line,
    left: line.count,
    since: line.since,
    turn,
    passed_since: line.passed_since,
    warmest: undefined,
    hasTakers: line.has_takers ?? true,
  };
}

export * from './knowledge.ts';
