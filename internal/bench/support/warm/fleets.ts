// The fleets that are simulated, and what must come out.
import { inTurns, oldestFirst, type Policy, warmFirst } from './policies.ts';
import { type Figures, type Scenario, simulate } from './simulate.ts';

export type Fleet = Pick<Scenario, 'models' | 'miners' | 'slots' | 'load_ms' | 'run_ms'>;

const PICTURES = { load_ms: 20_000, run_ms: 4000 };
const VIDEO = { load_ms: 45_000, run_ms: 60_000 };

export const FLEETS = {
  '8 on 8': { models: 8, miners: 8, slots: 1, ...PICTURES },
  '8 on 16': { models: 8, miners: 16, slots: 1, ...PICTURES },
  '24 on 24': { models: 24, miners: 24, slots: 1, ...PICTURES },
  '24 on 64': { models: 24, miners: 64, slots: 1, ...PICTURES },
  '24 on 64, two slots': { models: 24, miners: 64, slots: 2, ...PICTURES },
  'video, 12 on 16': { models: 12, miners: 16, slots: 1, ...VIDEO },
} satisfies Record<string, Fleet>;
export type FleetName = keyof typeof FLEETS;

/** Far more miners than a sequencer has today. */
export const LARGE: Fleet = { models: 100, miners: 10_000, slots: 1, ...PICTURES };

/** What is run for real: all tasks come at once. Six miners and the sequencer of one process keep half a core busy. */
export const BURST = { models: 6, miners: 6, load_ms: 2000, run_ms: 400, tasks: 180 };

export const OFFERED = [0.3, 0.6, 0.85] as const;
export type Offered = (typeof OFFERED)[number];

export const POLICIES = { oldest: oldestFirst, turns: inTurns, warm: warmFirst } satisfies Record<string, Policy>;

/** The same tasks with each policy. */
export type Outcome = Record<keyof typeof POLICIES, Figures>;

/** One simulation with each policy. */
export function compare(scenario: Scenario): Outcome {
  const { oldest, turns, warm } = POLICIES;
  return { oldest: simulate(scenario, oldest), turns: simulate(scenario, turns), warm: simulate(scenario, warm) };
}

export const ratioOf = ({ warm, oldest }: Outcome) => warm.throughput / oldest.throughput;

/** What a simulation must reach. */
interface Limit {
  name: string;
  fleet: FleetName;
  offered: Offered;
  of(outcome: Outcome): number;
  least?: number;
  most?(outcome: Outcome): number;
}

const warmShare = (fleet: FleetName, least: number): Limit => ({
  name: 'warm share',
  fleet,
  offered: 0.85,
  of: ({ warm }) => warm.warm,
  least,
});

const throughput = (fleet: FleetName, least: number): Limit => ({
  name: 'tasks finished, as a multiple of oldest first',
  fleet,
  offered: 0.6,
  of: ratioOf,
  least,
});

/** A few tasks more or less have finished when the last one arrives: that is not the policy. */
const ALMOST_ONE = 0.999;

const neverWorse = (offered: Offered): Limit[] => {
  const rest = { fleet: 'video, 12 on 16', offered } as const;
  return [
    { name: 'p95 wait, seconds', ...rest, of: ({ warm }) => warm.p95Wait, most: ({ oldest }) => oldest.p95Wait },
    { ...throughput(rest.fleet, ALMOST_ONE), offered },
  ];
};

const LIMITS: readonly Limit[] = [
  warmShare('8 on 16', 0.95),
  warmShare('24 on 64, two slots', 0.99),
  warmShare('24 on 64', 0.9),
  warmShare('24 on 24', 0.9),
  throughput('24 on 24', 3.1),
  throughput('8 on 8', 2.9),
  ...OFFERED.flatMap(neverWorse),
];

/** A figure beside its limit. */
export interface Verdict {
  name: string;
  figure: number;
  /** "≥ 0.9" */
  limit: string;
  isMet: boolean;
  /** How far it is from the limit; below 0 if it is missed. */
  margin: number;
}

/** All limits of a fleet, that of the time for which tasks may be passed by included. */
export function judge(fleet: FleetName, offered: Offered, outcome: Outcome): Verdict[] {
  const { passed, bound } = outcome.warm;
  const at = (name: string) => `${fleet}, offered ${offered}: ${name}`;
  const own = LIMITS.filter((limit) => limit.fleet === fleet && limit.offered === offered);
  return [
    ...own.map(({ name, of, least, most }) => judgeOne(at(name), of(outcome), { least, most: most?.(outcome) })),
    judgeOne(at('longest that a task was passed by, seconds'), passed, { most: bound }),
  ];
}

/** Times are sums of many numbers. */
const ROUNDING = 1e-6;

export function judgeOne(
  name: string,
  figure: number,
  { least, most }: { least?: number | undefined; most?: number | undefined },
): Verdict {
  const margin = Math.min(figure - (least ?? -Infinity), (most ?? Infinity) - figure);
  const limit = least === undefined ? `≤ ${round(most!)}` : `≥ ${round(least)}`;
  return { name, figure, limit, margin, isMet: margin >= -ROUNDING };
}

const round = (value: number) => Number(value.toFixed(3));
