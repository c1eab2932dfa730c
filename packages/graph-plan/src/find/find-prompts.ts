import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import { conditioningTexts, type FoundText } from './conditioning.ts';
import { namedTexts } from './named-texts.ts';
import type { Scene } from './scene.ts';

/** Finds the prompts of a graph: the texts behind the conditioning of its samplers, and those of nodes that take one themselves. */
export function findPrompts(scene: Scene): FoundParameter[] {
  const behind = conditioningTexts(scene);
  const known = new Set(behind.flatMap(({ sources }) => sources.map(({ place }) => placeName(place))));
  const named = namedTexts(scene).filter(({ sources: [first] }) => !known.has(placeName(first!.place)));
  const texts = distinct([...behind, ...named]);
  const found = mergeEqual(texts).map(({ role, sources }): FoundParameter => {
    const [{ value, isStyle }] = sources as [FoundText['sources'][number]];
    const name = isStyle ? (role === 'prompt' ? 'style' : 'negative_style') : role;
    const bindings = [...new Set(sources.map(({ place }) => placeName(place)))];
    return { name, kind: isStyle ? 'text' : role, bindings, value, isRequired: false };
  });
  // only the first prompt is required, unless the graph makes something without one
  const first = found.find(({ name }) => name === 'prompt');
  return found.map((one) => ({ ...one, isRequired: one === first && one.value !== '' }));
}

/** A text on both sides is the prompt; one that is a style somewhere and a prompt elsewhere is a prompt; each counts once. */
function distinct(texts: readonly FoundText[]): FoundText[] {
  const byPlace = new Map<string, FoundText>();
  for (const text of texts) {
    const key = placeName(text.sources[0]!.place);
    const known = byPlace.get(key);
    if (!known) byPlace.set(key, text);
    else if (rank(text) < rank(known)) byPlace.set(key, { ...text, sources: [...text.sources, ...known.sources] });
    else known.sources.push(...text.sources.slice(1));
  }
  const taken = new Set<string>();
  return [...byPlace.values()]
    .toSorted((one, other) => rank(one) - rank(other))
    .flatMap((text) => {
      const sources = text.sources.filter(({ place }) => !taken.has(placeName(place)));
      for (const { place } of sources) taken.add(placeName(place));
      return sources.length ? [{ ...text, sources }] : [];
    });
}

/** Prompts come before what to avoid, and styles after both. */
function rank({ role, sources }: FoundText): number {
  return (role === 'prompt' ? 0 : 1) + (sources[0]!.isStyle ? 2 : 0);
}

/** The same words in several nodes are one prompt. */
function mergeEqual(texts: readonly FoundText[]): FoundText[] {
  const groups = Map.groupBy(texts, (text) => {
    const [{ value, place }] = text.sources as [FoundText['sources'][number]];
    // two empty prompts may be of different things
    return JSON.stringify([rank(text), value || (text.role === 'prompt' && placeName(place))]);
  });
  return [...groups.values()].map((same) => ({ ...same[0]!, sources: same.flatMap(({ sources }) => sources) }));
}
