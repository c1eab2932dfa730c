import { parsePythonJson } from '@heurist/server-kit/python-json';
import { isUiFile } from '@heurist/ui-graph/convert-ui-graph';
import { isSameJson } from './same-json.ts';

/** A graph that was found in a file, in API format or as the editor saves it. */
export interface FoundGraph {
  format: 'api' | 'editor';
  graph: object;
}

/** How deep a graph may be wrapped: `{ input: { workflow } }`, or `{ id: { prompt: [n, id, graph] } }` of a history. */
const DEEPEST = 6;
/** How many values are looked at. */
const MOST = 10_000;

/**
 * Finds the graphs in a JSON value: itself, or wrapped as tools send and keep them. Graphs in API format count first, since the
 * others say what they were made from; of those on one level, all are found.
 */
export function findGraphs(json: unknown): FoundGraph[] {
  const editor: FoundGraph[] = [];
  let level = [json];
  let looked = 0;
  for (let depth = 0; depth <= DEEPEST && level.length && looked < MOST; depth++) {
    const values = level.slice(0, MOST - looked).map(parsed);
    looked += values.length;
    const objects = values.filter((value): value is object => typeof value === 'object' && value !== null);
    const api = objects.filter(isApiGraph);
    if (api.length) return distinct(api).map((graph) => ({ format: 'api', graph }));
    const files = distinct(objects.filter(isUiFile));
    if (!editor.length) editor.push(...files.map((graph): FoundGraph => ({ format: 'editor', graph })));
    level = objects.filter((value) => !isUiFile(value)).flatMap((value) => Object.values(value));
  }
  return editor;
}

/** The same graph twice is one: runs of it, say. */
function distinct(graphs: object[]): object[] {
  return graphs.filter((graph, index) => !graphs.slice(0, index).some((other) => isSameJson(graph, other)));
}

/** A text that may be JSON itself, as in `{ prompt: "<json>" }`, and that again a text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*["[{]/.test(value)) return value;
  try {
    return parsed(parsePythonJson(value, Number.MAX_VALUE));
  } catch {
    return value;
  }
}

function isApiGraph(value: object): boolean {
  return (
    !Array.isArray(value) &&
    Object.values(value).some((node) => typeof node === 'object' && typeof node?.class_type === 'string')
  );
}
