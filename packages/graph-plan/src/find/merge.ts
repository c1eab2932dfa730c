import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';

/** The model and the file each have a frame rate: one parameter sets both, with the file's value. */
export function mergeSpeeds(found: FoundParameter[]): FoundParameter[] {
  const speed = found.findLast(({ kind }) => kind === 'fps')?.value;
  return found.map((one) => (one.kind === 'fps' ? { ...one, value: speed } : one));
}

/** Inputs that one node feeds, or one primitive of the editor, are one parameter, whatever they are called. */
export function mergeShared(found: FoundParameter[], primitives: Primitives): FoundParameter[] {
  const holders = new Map([...primitives].flatMap(([id, places]) => places.map((place) => [place, id] as const)));
  const groups = Map.groupBy(found, ({ bindings }) => {
    const place = placeName(bindings[0]!);
    return holders.has(place) ? `primitive ${holders.get(place)}` : place;
  });
  return [...groups.values()].map((same) => ({ ...merged(same), name: nameOf(same) }));
}

function nameOf(same: readonly FoundParameter[]): string {
  const names = new Set(same.map(({ name }) => name));
  return names.has('width') && names.has('height') ? 'size' : same[0]!.name;
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
