import type { BindingSource, GraphNode } from '@heurist/core/definition';
import type { WidgetShape } from '@heurist/ui-graph/node-shapes';
import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import { isPlain, literalAt } from './follow-value.ts';
import { mergeEqual, mergeShared, mergeSpeeds } from './merge.ts';
import type { Scene } from './scene.ts';
import { gridOf, type Setting, settings } from './settings-table.ts';
import { lastName, outputTypes, widgetOf } from './widget-of.ts';

/** Finds sizes, lengths, sampling and other inputs that a user would set, by their names. */
export function findSettings(scene: Scene, hasSource: boolean): FoundParameter[] {
  const found = [...scene.live].flatMap(([id, node]) =>
    Object.keys(node.inputs).flatMap((input): FoundParameter[] => {
      const setting = settings.get(lastName(input));
      return setting && isUseful(scene, node, input) ? settingAt(scene, id, input, setting) : [];
    }),
  );
  // without a source, denoise 1 is the only useful value
  const useful = found.filter(({ kind, value }) => kind !== 'denoise' || value !== 1 || hasSource);
  return mergeEqual(mergeShared(mergeSpeeds(useful), scene.primitives)).map(fitting);
}

const MEDIA = /LATENT|IMAGE|MASK|VIDEO|CONDITIONING|SIGMAS|MATCHTYPE|^\*$/;

function isUseful({ shapes }: Scene, node: GraphNode, input: string): boolean {
  const name = lastName(input);
  const { class_type, inputs } = node;
  // batches make sense for images only
  if (name === 'batch_size') return /LatentImage$/.test(class_type);
  // how much an image grows
  if (/^(left|top|right|bottom)$/.test(name)) return /pad/i.test(class_type);
  // how much is taken of something, which is no length of what is made
  if (name === 'length') return !/FromBatch|Slice|Trim|Crop|Cut/i.test(class_type);
  if (name !== 'width' && name !== 'height') return true;
  // a preset decides, unless it says that the numbers do
  const preset = Object.entries(inputs).find(([other]) => /size_preset$/.test(other))?.[1];
  if (typeof preset === 'string' && !/custom/i.test(preset)) return false;
  // of an editor's view, or of what is drawn on it
  const isView = Object.keys(inputs).some((other) => widgetOf(shapes, node, other)?.upload);
  return !isView && (isPlain(shapes, node) || (outputTypes(shapes, node)?.some((type) => MEDIA.test(type)) ?? true));
}

function settingAt({ graph, shapes }: Scene, id: string, input: string, setting: Setting): FoundParameter[] {
  const node = graph[id]!;
  const literal = literalAt(graph, shapes, { node: id, input });
  const { name = lastName(input), kind } = setting;
  if (!literal || !fits(kind, literal.value)) return [];
  const widget = widgetOf(shapes, node, input);
  if (kind === 'choice') return choiceAt(placeName(literal.place), name, literal.value, widget);
  const step = gridOf(node.class_type, kind);
  const range = rangeOf(setting, widget);
  return [
    {
      name,
      kind,
      bindings: [placeName(literal.place), ...splitSteps(node, id, input)],
      value: literal.value,
      isRequired: kind === 'text' && name === 'tags',
      ...(step && { step }),
      ...(range && { range }),
    },
  ];
}

function fits(kind: FoundParameter['kind'], value: unknown): boolean {
  return typeof value === (kind === 'text' || kind === 'choice' ? 'string' : 'number');
}

/** One of a list; a dynamic combo brings other inputs with each choice, which the graph does not have. */
function choiceAt(place: string, name: string, value: unknown, widget: WidgetShape | undefined): FoundParameter[] {
  if (widget?.choices) return [];
  // how well a file is packed, in which the network has no say
  if (name === 'quality' && !/\d+p$/i.test(String(value))) return [];
  const choices = widget?.options;
  return [
    {
      name: name === 'quality' ? 'resolution' : name,
      kind: choices?.includes(String(value)) ? 'choice' : 'text',
      bindings: [place],
      value,
      isRequired: false,
      ...(choices?.includes(String(value)) && { choices }),
    },
  ];
}

/** What the vocabulary does not know has the limits of the class, if they say anything. */
function rangeOf({ range }: Setting, widget: WidgetShape | undefined): [number, number] | undefined {
  if (!range) return undefined;
  const { min = range[0], max = range[1] } = widget ?? {};
  return [Math.max(min, range[0]), Math.min(max, range[1])];
}

/** Drops a step that does not fit the graph's own value. */
function fitting(found: FoundParameter): FoundParameter {
  const { step, kind, value } = found;
  if (!step || (Number(value) - (kind === 'length' ? 1 : 0)) % step === 0) return found;
  return { ...found, step: 1 };
}

/** Samplers that share the steps switch over at a step, which keeps its relative place when their number changes. */
function splitSteps({ inputs }: GraphNode, id: string, input: string): BindingSource[] {
  const steps = Number(inputs.steps);
  if (input !== 'steps') return [];
  return ['start_at_step', 'end_at_step'].flatMap((place): BindingSource[] => {
    const at = inputs[place];
    if (typeof at !== 'number' || at <= 0 || at >= steps) return [];
    return [{ node: id, input: place, factor: at / steps }];
  });
}
