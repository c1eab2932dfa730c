import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import type { Scene } from './scene.ts';

/** The model and the file each have a frame rate: one parameter sets both, with the file's value. */
export function mergeSpeeds(found: FoundParameter[]): FoundParameter[] {
  const speed = found.findLast(({ kind }) => kind === 'fps')?.value;
  return found.map((one) => (one.kind === 'fps' ? { ...one, value: speed } : one));
}

/** Inputs that one node feeds, or one primitive of the editor, are one parameter, whatever they are called. */
export function mergeShared(found: FoundParameter[], primitives: Primitives): FoundParameter[] {
  const holders = holdersOf(primitives);
  const groups = Map.groupBy(found, ({ bindings }) => {
    const place = placeName(bindings[0]!);
    return holders.has(place) ? `primitive ${holders.get(place)}` : place;
  });
  return [...groups.values()].map((same) => ({ ...merged(same), name: nameOf(same) }));
}

/** Input -> the primitive that sets it. */
const holdersOf = (primitives: Primitives): ReadonlyMap<string, string> =>
  new Map([...primitives].flatMap(([id, places]) => places.map((place) => [place, id])));

function nameOf(same: readonly FoundParameter[]): string {
  const names = new Set(same.map(({ name }) => name));
  return names.has('width') && names.has('height') ? 'size' : same[0]!.name;
}

/** What a primitive of the editor sets is one option, the first that was found, with every input that it feeds. */
export function joinPrimitives(found: readonly FoundParameter[], { primitives, live }: Scene): FoundParameter[] {
  const holders = holdersOf(primitives);
  const joined = new Map<string, FoundParameter[]>();
  const groups = found.map((one) => {
    const ids = one.bindings.flatMap((binding) => holders.get(placeName(binding)) ?? []);
    const group = ids.map((id) => joined.get(id)).find(Boolean) ?? [];
    group.push(one);
    for (const id of ids) joined.set(id, group);
    return group;
  });
  const all = [...new Set(groups)].map(merged);
  const bound = new Set(all.flatMap(({ bindings }) => bindings.map(placeName)));
  return all.map((one) => {
    const ids = new Set(one.bindings.flatMap((binding) => holders.get(placeName(binding)) ?? []));
    const fed = [...ids].flatMap((id) => primitives.get(id)!).filter((place) => isSettable(live, place));
    return { ...one, bindings: [...one.bindings, ...fed.filter((place) => !bound.has(place))] };
  });
}

/** Whether an input is used, and not the prefix of saved files, which miners set. */
function isSettable(live: Scene['live'], place: string): boolean {
  const dot = place.indexOf('.');
  return live.has(place.slice(0, dot)) && place.slice(dot + 1) !== 'filename_prefix';
}

/** Inputs with the same name and value are one parameter. */
export function mergeEqual(found: FoundParameter[]): FoundParameter[] {
  return [...Map.groupBy(found, ({ name, value }) => `${name}=${value}`).values()].map(merged);
}

function merged(same: readonly FoundParameter[]): FoundParameter {
  const steps = same.flatMap(({ step }) => step ?? []);
  const all = same.flatMap(({ bindings }) => bindings);
  const bindings = [...new Map(all.map((binding) => [JSON.stringify(binding), binding])).values()];
  return { ...same[0]!, bindings, ...(steps.length && { step: Math.max(...steps) }) };
}
