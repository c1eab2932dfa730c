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

/** Whoever leaves work is not asked again sooner. */
const LEAST_PAUSE_MS = 250;

/** The first waiting task of a line, and how many follow. */
interface Head {
  line: ModelLine;
  left: number;
  since: number;
  /** Among heads of the same age, the lowest goes first. */
  turn: number;
  passed_since: number | undefined;
}

interface Claimant extends WarmClaimant {
  place: number;
}

/** For how long the first task of a line may be passed by. */
export function patienceOf(known: KeyKnowledge | undefined): number {
  return Math.max(LEAST_PATIENCE_MS, clampLoad(known?.load_ms) ?? 0);
}

/**
 * Shares waiting tasks among miners. The head that has been first for longest goes first, and one that a miner holds the models
 * of counts as older by what loading them takes. Without knowledge of models: as `shareClaims`.
 */
export function routeClaims(input: RoutingInput): Routing {
  return new Router(input).route();
}

class Router {
  readonly #now: number;
  readonly #heads: Head[];
  /** Those that have nothing yet. */
  readonly #free: Set<Claimant>;
  readonly #claimants: Claimant[];
  readonly #knowledge: Map<string, KeyKnowledge>;
  /** When the next task of a line that was taken from became its first. */
  readonly #latest: number;
  readonly #left = new Map<Head, Claimant[]>();
  readonly #taken: { claimant: Claimant; since: number }[] = [];
  readonly #routing: Routing = { assignments: [], leaving: [], passed: new Map(), look_again_at: undefined };

  constructor({ lines, claimants, knowledge, now }: RoutingInput) {
    this.#now = now;
    this.#heads = lines
      .filter(({ count }) => count > 0)
      .map((line, turn) => ({ line, left: line.count, since: line.since, turn, passed_since: line.passed_since }));
    this.#latest = this.#heads.reduce((latest, { since }) => Math.max(latest, since), now);
    this.#claimants = claimants.map((claimant, place) => ({ ...claimant, place }));
    this.#free = new Set(this.#claimants);
    this.#knowledge = new Map(knowledge);
  }

  route(): Routing {
    const open = new Set(this.#heads);
    while (this.#free.size && open.size) {
      const head = this.#first(open);
      const taker = this.#warmest(head) ?? this.#coldest(head);
      if (taker) this.#take(head, taker);
      if (!taker || !head.left) open.delete(head);
    }
    this.#notePassed();
    return this.#routing;
  }

  /** Heads that were passed by for too long go before all others. */
  #first(heads: Iterable<Head>): Head {
    const rank = (head: Head) => (this.#isOverdue(head) ? -Infinity : head.since - (this.#bonus(head) ?? 0));
    return Array.from(heads, (head) => ({ head, rank: rank(head) })).reduce((a, b) => {
      if (a.rank !== b.rank) return a.rank < b.rank ? a : b;
      if (a.rank === -Infinity && a.head.passed_since !== b.head.passed_since)
        return a.head.passed_since! < b.head.passed_since! ? a : b;
      return a.head.turn < b.head.turn ? a : b;
    }).head;
  }

  #isOverdue({ line, passed_since }: Head): boolean {
    if (passed_since === undefined) return false;
    return this.#now - passed_since >= patienceOf(this.#known(line.model_key));
  }

  /** What a load would cost that a free miner spares; undefined if there is none. */
  #bonus(head: Head): number | undefined {
    const taker = this.#warmest(head);
    return taker && (this.#loadOf(head, taker) ?? 0);
  }

  #warmest(head: Head): Claimant | undefined {
    for (const claimant of this.#free) if (mayTake(claimant, head) && isWarm(claimant, head)) return claimant;
    return undefined;
  }

  /** The miner that loses least by loading the models of a head; undefined if all leave it to warm ones. */
  #coldest(head: Head): Claimant | undefined {
    const able = [...this.#free].filter((claimant) => mayTake(claimant, head));
    const leaving = able.filter((claimant) => this.#isLeaving(head, claimant));
    if (leaving.length) this.#left.set(head, leaving);
    const takers = able.filter((claimant) => !leaving.includes(claimant));
    if (!takers.length) return undefined;
    const losses = new Map(takers.map((taker) => [taker, this.#lossOf(taker)]));
    return takers.reduce((a, b) => (losses.get(b)! < losses.get(a)! ? b : a));
  }

  /** Whether miners that hold the models are faster, all of its tasks that wait considered. */
  #isLeaving(head: Head, claimant: Claimant): boolean {
    if (!claimant.warm || this.#isOverdue(head)) return false;
    const load = this.#loadOf(head, claimant);
    const wait = this.#warmWait(head);
    if (load === undefined || wait === undefined) return false;
    return this.#now - (head.passed_since ?? this.#now) + wait < load;
  }

  /** How long those that hold a model take for all of its tasks that wait; undefined if that is not known. */
  #warmWait({ line, left }: Head): number | undefined {
    const known = this.#known(line.model_key);
    if (!known?.holders || known.run_ms === undefined) return undefined;
    return (known.busy_ms + left * known.run_ms) / known.holders;
  }

  /** What a load costs the others: who holds what is needed now, or what few hold, should not be the one. */
  #lossOf({ warm, slots }: Claimant): number {
    const last = warm?.at(-1);
    if (!last || warm!.length < (slots ?? 0)) return 0;
    const isNeeded = this.#heads.some(({ line, left }) => left > 0 && warm!.some(({ key }) => key === line.model_key));
    return (isNeeded ? 2 : 0) + 1 / Math.max(1, this.#known(last.key)?.holders ?? 1);
  }

  #take(head: Head, claimant: Claimant): void {
    this.#free.delete(claimant);
    this.#taken.push({ claimant, since: head.since });
    const warm = claimant.warm && head.line.model_key !== undefined ? isWarm(claimant, head) : undefined;
    this.#routing.assignments.push({ claimant: claimant.place, line: head.line.id, isWarm: warm });
    this.#noteWork(head, claimant);
    head.left--;
    head.since = this.#latest;
    head.turn = this.#heads.length + this.#taken.length;
    head.passed_since = undefined;
  }

  /** What later miners of the same claim must know. */
  #noteWork(head: Head, claimant: Claimant): void {
    const { model_key } = head.line;
    const { run_ms = 0 } = this.#known(model_key) ?? {};
    const isCold = !isWarm(claimant, head);
    const work = run_ms + (isCold ? (this.#loadOf(head, claimant) ?? 0) : 0);
    for (const { key } of claimant.warm ?? []) this.#change(key, 0, work);
    if (isCold && model_key !== undefined && claimant.warm) this.#change(model_key, 1, work);
  }

  #change(key: string, holders: number, work: number): void {
    const known = this.#known(key) ?? { holders: 0, busy_ms: 0 };
    this.#knowledge.set(key, { ...known, holders: known.holders + holders, busy_ms: known.busy_ms + work });
  }

  #notePassed(): void {
    for (const head of this.#heads.filter(({ left }) => left > 0)) {
      const leaving = (this.#left.get(head) ?? []).filter((claimant) => this.#free.has(claimant));
      const isPassed =
        leaving.length > 0 ||
        head.passed_since !== undefined ||
        this.#taken.some(({ claimant, since }) => since > head.since && mayTake(claimant, head));
      if (!isPassed) continue;
      const passed_since = head.passed_since ?? this.#now;
      this.#routing.passed.set(head.line.id, passed_since);
      for (const claimant of leaving) this.#noteLeaving(head, claimant, passed_since);
    }
  }

  #noteLeaving(head: Head, claimant: Claimant, passed_since: number): void {
    const { leaving, look_again_at } = this.#routing;
    if (!leaving.includes(claimant.place)) leaving.push(claimant.place);
    const until = passed_since + (this.#loadOf(head, claimant) ?? 0) - (this.#warmWait(head) ?? 0);
    const latest = passed_since + patienceOf(this.#known(head.line.model_key));
    const at = Math.max(this.#now + LEAST_PAUSE_MS, Math.min(until, latest));
    this.#routing.look_again_at = Math.min(at, look_again_at ?? Infinity);
  }

  #known(key: string | undefined): KeyKnowledge | undefined {
    return key === undefined ? undefined : this.#knowledge.get(key);
  }

  #loadOf({ line }: Head, { warm, loads }: Claimant): number | undefined {
    if (line.model_key === undefined) return undefined;
    const own = warm?.find(({ key }) => key === line.model_key)?.load_ms ?? loads?.get(line.model_key);
    return clampLoad(own ?? this.#known(line.model_key)?.load_ms);
  }
}

function mayTake({ lines }: Claimant, { line }: Head): boolean {
  return lines?.has(line.id) ?? true;
}

function isWarm({ warm }: Claimant, { line }: Head): boolean {
  return line.model_key !== undefined && !!warm?.some(({ key }) => key === line.model_key);
}
