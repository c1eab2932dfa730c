import type { GraphNode } from '@heurist/core/definition';
import { type FoundParameter, RESERVED } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import type { Scene } from './scene.ts';

/** Words of titles that say what a value is, not what it is for. */
const TYPES = /\b(int|integer|float|string|multiline|number|text|boolean|primitive\w*|value|input)\b/gi;

/** Finds values that the designer of the graph has put in front and named: primitives with a title of their own. */
export function findTitled({ live }: Scene): FoundParameter[] {
  return [...live].flatMap(([id, node]): FoundParameter[] => {
    const name = nameOf(node);
    const value = node.inputs.value;
    if (!name || (typeof value !== 'number' && typeof value !== 'string')) return [];
    const kind = typeof value === 'string' ? 'text' : /Float/.test(node.class_type) ? 'decimal' : 'whole';
    const range = { whole: [0, 1_000_000], decimal: [0, 1_000_000] } as const;
    return [
      {
        name,
        kind,
        bindings: [placeName({ node: id, input: 'value' })],
        value,
        isRequired: false,
        ...(kind !== 'text' && { range: [...range[kind]] as [number, number] }),
      },
    ];
  });
}

function nameOf({ class_type, _meta }: GraphNode): string | undefined {
  const title = _meta?.title;
  // what a model that writes is told is the designer's
  if (!/^Primitive(Int|Float|String)/.test(class_type) || !title || /system/i.test(title)) return undefined;
  const words = title
    .replaceAll(TYPES, ' ')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    // which files have
    .replace(/(_url)+$/, '');
  if (RESERVED.has(words)) return `${words}_value`;
  return /^[a-z][a-z0-9_]{1,40}$/.test(words) ? words : undefined;
}
