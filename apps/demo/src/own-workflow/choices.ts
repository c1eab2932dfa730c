import type { PlanChoices } from '@heurist/graph-plan/plan-graph';

/** What the visitor says about a plan. Options go by the names that were found. */
export interface Choices {
  /** Nodes whose outputs are the result; absent: those that were found. */
  outputs?: readonly string[];
  dropped: readonly string[];
  /** Found name -> new name. */
  renamed: Readonly<Record<string, string>>;
  /** Inputs that became options: `node.input`, and another name if they have one. */
  added: readonly { place: string; name?: string }[];
}

export const NO_CHOICES: Choices = { dropped: [], renamed: {}, added: [] };

/** Where an option of a plan comes from. */
export type Origin = { found: string } | { added: string };

/** The same, as the command takes it. */
export const planChoices = ({ outputs, dropped, renamed, added }: Choices): PlanChoices => ({
  ...(outputs && { output: [...outputs] }),
  drop: [...dropped],
  rename: Object.entries(renamed).map(([from, to]) => `${from}=${to}`),
  add: added.map(({ place, name }) => (name ? `${name}=${place}` : place)),
});

/** Where each option comes from: those that were added come last. */
export function originsOf(names: readonly string[], { renamed, added }: Choices): Origin[] {
  // files may be named as options, `image_url`, or as parameters
  const found = new Map(Object.entries(renamed).map(([from, to]) => [to.replace(/_url$/, ''), from]));
  const firstAdded = names.length - added.length;
  return names.map((name, index) =>
    index < firstAdded ? { found: found.get(name) ?? name } : { added: added[index - firstAdded]!.place },
  );
}

export function withoutOption(choices: Choices, origin: Origin): Choices {
  if ('added' in origin) return { ...choices, added: choices.added.filter(({ place }) => place !== origin.added) };
  const { [origin.found]: _, ...renamed } = choices.renamed;
  return { ...choices, renamed, dropped: [...choices.dropped, origin.found] };
}

export const withOption = (choices: Choices, found: string): Choices => ({
  ...choices,
  dropped: choices.dropped.filter((name) => name !== found),
});

export function withName(choices: Choices, origin: Origin, name: string): Choices {
  if ('found' in origin) {
    const { [origin.found]: _, ...others } = choices.renamed;
    return { ...choices, renamed: name === origin.found ? others : { ...others, [origin.found]: name } };
  }
  const added = choices.added.map((one) => (one.place === origin.added ? { place: one.place, name } : one));
  return { ...choices, added };
}

export const withInput = (choices: Choices, place: string): Choices => ({
  ...choices,
  added: [...choices.added, { place }],
});

/** Whether a flag of the command can name a node or an input: commas and equals signs part what it is given. */
export const isNameable = (text: string): boolean => !/[,=]/.test(text);
