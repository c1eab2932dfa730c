import type { Graph } from '@heurist/core/definition';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { isLink } from '../graph-walk.ts';
import type { Makes } from './graph-plan.ts';
import { outputTypes } from './widget-of.ts';

const BY_CLASS: [pattern: RegExp, makes: Makes][] = [
  // it shows whatever it is given as text
  [/^PreviewAny$/, 'text'],
  [/Audio|MP3|Opus|FLAC/i, 'audio'],
  [/Video|WEBM|Animated/i, 'video'],
  [/GLB|3D|Mesh|SVG|Latent|Checkpoint|S3$/i, 'file'],
  [/Image|Mask/i, 'image'],
  [/Text|String|Caption/i, 'text'],
];

const BY_TYPE: [pattern: RegExp, makes: Makes][] = [
  [/^(IMAGE|MASK)$/, 'image'],
  [/^VIDEO$/, 'video'],
  [/^AUDIO$/, 'audio'],
  [/^(STRING|INT|FLOAT|BOOLEAN)$/, 'text'],
];

const BY_INPUT: [pattern: RegExp, makes: Makes][] = [
  [/^images?$|^pixels$/i, 'image'],
  [/^video$/i, 'video'],
  [/^audio$/i, 'audio'],
  [/^(text|string|source|anything)$/i, 'text'],
];

/** What an output node makes: its class says it, else what is linked into it. */
export function makesOf(graph: Graph, shapes: NodeShapes, id: string): Makes {
  const { class_type, inputs } = graph[id]!;
  const named = first(BY_CLASS, class_type);
  if (named) return named;
  for (const [input, value] of Object.entries(inputs)) {
    if (!isLink(value)) continue;
    const source = graph[value[0]];
    const type = source && outputTypes(shapes, source)?.[value[1]];
    const made = (type && first(BY_TYPE, type)) || first(BY_INPUT, input);
    if (made) return made;
  }
  // a node with other work that saves as well
  if (Object.keys(inputs).some((input) => /^image_output$/i.test(input))) return 'image';
  return 'file';
}

function first(rules: readonly [RegExp, Makes][], text: string): Makes | undefined {
  return rules.find(([pattern]) => pattern.test(text))?.[1];
}
