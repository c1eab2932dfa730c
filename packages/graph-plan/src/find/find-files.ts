import type { FileParameter, Graph, GraphNode } from '@heurist/core/definition';
import type { FoundParameter } from '../found-parameter.ts';
import { isLink, placeName } from '../graph-walk.ts';
import { literalAt } from './follow-value.ts';
import type { Scene } from './scene.ts';
import { widgetOf } from './widget-of.ts';

/** File inputs of loaders whose class is not known, by name. */
const FILE_INPUT = /^(image|images|video|audio|file|filename|file_name|image_path|mask)$/i;
const LOADER = /load|upload|import|input/i;
/** They read a path of the server, or an address: the name of an uploaded file is neither. */
export const ELSEWHERE = /url|path|http|remote|folder|directory|batch|base64/i;

/** Whether an input says where on the author's machine, or on the web, a loader finds its file. */
export function readsElsewhere(class_type: string, input: string): boolean {
  const isPlace =
    FILE_INPUT.test(input) || /^(url|path|directory|folder|(image|video|audio)_(directory|folder))$/i.test(input);
  return LOADER.test(class_type) && ELSEWHERE.test(class_type) && isPlace;
}

/** Finds the files that users give: inputs that the editor uploads a file for. */
export function findFiles(scene: Scene): FoundParameter[] {
  const used = usedOutputs(scene.graph);
  return [...scene.live].flatMap(([id, node]) =>
    Object.keys(node.inputs).flatMap((input): FoundParameter[] => {
      const file = fileKind(scene, node, input);
      const literal = file && literalAt(scene.graph, scene.shapes, { node: id, input });
      if (!literal || typeof literal.value !== 'string') return [];
      const name = file === 'image' && isMask(node, input, used.get(id)) ? 'mask' : file;
      // what is painted on a picture may be left out
      const isRequired = literal.value !== '';
      return [{ name, kind: 'file', bindings: [placeName(literal.place)], value: literal.value, isRequired, file }];
    }),
  );
}

/** What kind of file an input takes, if it takes one. */
function fileKind({ shapes }: Scene, node: GraphNode, input: string): FileParameter['kind'] | undefined {
  const { class_type } = node;
  if (Object.hasOwn(shapes, class_type)) return widgetOf(shapes, node, input)?.upload;
  if (!LOADER.test(class_type) || ELSEWHERE.test(class_type) || !FILE_INPUT.test(input)) return undefined;
  const of = (text: string) =>
    /video/i.test(text)
      ? 'video'
      : /audio|sound|music/i.test(text)
        ? 'audio'
        : /image|mask|picture|photo/i.test(text)
          ? 'image'
          : undefined;
  return of(input) ?? of(class_type);
}

/** An image of which only the mask is used. */
function isMask({ class_type }: GraphNode, input: string, outputs: readonly number[] = []): boolean {
  if (/mask/i.test(input) || /^LoadImageMask$/.test(class_type)) return true;
  return outputs.length > 0 && outputs.every((output) => output === 1);
}

/** Node -> its outputs that others use. */
function usedOutputs(graph: Graph): Map<string, number[]> {
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink));
  const byNode = Map.groupBy(links, ([from]) => from);
  return new Map(Array.from(byNode, ([from, all]) => [from, all.map(([, output]) => output)]));
}
