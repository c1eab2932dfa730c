import { isLink } from '../graph-walk.ts';
import type { FoundText, Role } from './conditioning.ts';
import { textsAt } from './follow-text.ts';
import type { Scene } from './scene.ts';
import { lastName, outputTypes, widgetOf } from './widget-of.ts';

const NEGATIVE = /^neg(ative)?(_prompt|_text|_[gl])?$|negative_prompt/i;
const PROMPT =
  /^(positive(_prompt|_text|_[gl])?|prompt_text|text_prompt|instructions?|caption|(high_level_)?description)$|(^|_)prompt(_?\d+)?$/i;
/** Instructions for a model that writes, data for a program, and switches that are called after the prompt. */
const NO_PROMPT = /system|structured|pre_|post_|prepend|append|negative/i;
/** Of nodes that speak: what they say. */
const SPEECH = /^text_?\d*$/i;

/** Texts of nodes that take their prompt themselves, such as those that call a service, speak or write. */
export function namedTexts(scene: Scene): FoundText[] {
  return [...scene.live].flatMap(([id, node]) =>
    Object.entries(node.inputs).flatMap(([input, value]): FoundText[] => {
      if (typeof value !== 'string' && !isLink(value)) return [];
      const role = roleOf(scene, id, input);
      if (!role || !isFreeText(scene, id, input)) return [];
      return textsAt(scene.graph, scene.shapes, { node: id, input }).map((source) => ({ role, sources: [source] }));
    }),
  );
}

function roleOf({ live, shapes }: Scene, id: string, input: string): Role | undefined {
  const name = lastName(input);
  if (NEGATIVE.test(name)) return 'negative_prompt';
  if (PROMPT.test(name) && !NO_PROMPT.test(name)) return 'prompt';
  if (!SPEECH.test(name)) return undefined;
  const node = live.get(id)!;
  const types = outputTypes(shapes, node);
  // what works on texts or shows them is no speaker
  const speaks = types
    ? types.some((type) => /^(AUDIO|VIDEO|IMAGE)$/.test(type))
    : /speech|tts|voice|speak/i.test(node.class_type);
  return speaks ? 'prompt' : undefined;
}

/** Not one of a list of choices. */
function isFreeText({ live, shapes }: Scene, id: string, input: string): boolean {
  const widget = widgetOf(shapes, live.get(id)!, input);
  return !widget || widget.type === 'STRING' || isLink(live.get(id)!.inputs[input]);
}
