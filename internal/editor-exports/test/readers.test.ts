// What reads graphs of strangers: `workflow check`, and the miner's door for raw graphs. Nothing may make them fail, and both say what
// a real ComfyUI says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checkGraph, type Finding } from '@heurist/cli/check-graph';
import { isLink, liveInputs, type ObjectInfo } from '@heurist/comfyui';
import { type Graph, rawWorkflow } from '@heurist/core/definition';
import { makeRawGraph } from '@heurist/miner/raw-graph';
import { readCurrentObjectInfo } from '@heurist/test-servers/recordings';
import { beforeAll, describe, expect, test } from 'vitest';
import { spoiledGraphs } from '../src/spoil/spoiled-graphs.ts';
import { readTemplates } from '../src/templates.ts';
import { isTaken, type Verdict } from '../src/verdict.ts';
import { BY_CHANCE } from './by-chance.ts';

interface Recording {
  inputs: string[];
  templates: Record<string, Verdict>;
  spoiled: Record<string, Verdict>;
}

const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'));
const recorded: Recording = read('../fixtures/verdicts.json');
const templates = readTemplates<Graph>();
const info = readCurrentObjectInfo<ObjectInfo>();
const files = new Set(recorded.inputs);

const sound = Object.keys(recorded.templates).filter((name) => isTaken(recorded.templates[name]!));
/** What is not a graph at all, the file reader and the schema of raw graphs refuse before. */
const isGraph = (graph: unknown) => rawWorkflow.parameters.safeParse({ graph }).success;

const judged = new Map<string, { graph: Graph; verdict: Verdict }>();
for (const [name, { exported }] of Object.entries(templates)) judge(name, exported, recorded.templates);
for (const { name, graph } of spoiledGraphs(templates, sound, info)) judge(name, graph, recorded.spoiled);

function judge(name: string, graph: Graph, verdicts: Record<string, Verdict>): void {
  if (isGraph(graph)) judged.set(name, { graph, verdict: verdicts[name]! });
}

/** Graphs that no server was asked about. */
const others: [string, Graph][] = [
  ...Object.entries<Graph>(read('../fixtures/graphs.json')),
  ...Object.entries<Graph | null>(read('../../../packages/graph-plan/fixtures/labels/reference-graphs.json')).flatMap(
    ([name, graph]): [string, Graph][] => (graph ? [[name, graph]] : []),
  ),
];
const all: [string, Graph][] = [
  ...Array.from(judged, ([name, { graph }]): [string, Graph] => [name, graph]),
  ...others,
];

const check = (graph: Graph) => checkGraph(graph, info, [], (name) => files.has(name));
const errorsOf = (findings: Finding[]) => findings.filter(({ level }) => level === 'error');

/** Node id -> the types of its errors, as a verdict has them. */
function nodesOf(findings: Finding[]): Verdict['nodes'] {
  const errors = errorsOf(findings).filter(({ node, type }) => node && type);
  const byNode = Map.groupBy(errors, ({ node }) => node);
  if (!byNode.size) return undefined;
  return Object.fromEntries(
    [...byNode].map(([node, found]) => [node, found.map(({ type }) => type!).toSorted()]).toSorted(),
  );
}

describe('`workflow check`', () => {
  test('reads every graph', () => {
    for (const [name, graph] of all) expect(() => check(graph), name).not.toThrow();
  });

  test('finds an error in each that a ComfyUI does not take as it is, and in no other', () => {
    const wrong = [...judged].filter(([, { graph, verdict }]) => {
      const { failed, error, nodes } = verdict;
      return errorsOf(check(graph)).length > 0 !== Boolean(failed || error || nodes);
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  test('names its nodes and its types of errors', () => {
    const different = [...judged].filter(([, { graph, verdict }]) => {
      // of a class that is missing, a server says no more
      if (verdict.failed || verdict.error === 'missing_node_type') return false;
      return !isDeepStrictEqual(nodesOf(check(graph)), verdict.nodes);
    });
    expect(different.map(([name]) => name)).toEqual(BY_CHANCE);
  });
});

describe('the door for raw graphs', () => {
  const allowed = new Set(Object.keys(info));
  const upload = async () => recorded.inputs[0]!;

  /** With addresses in place of files, as a raw graph must have them. */
  function addressed(source: Graph): Graph {
    const graph = structuredClone(source);
    for (const { class_type, inputs } of Object.values(graph)) {
      const about = Object.hasOwn(info, class_type) ? info[class_type] : undefined;
      for (const [name, live] of about ? liveInputs(about, inputs) : []) {
        const [, options] = Array.isArray(live.written) ? live.written : [];
        const isFile = ['image_upload', 'audio_upload', 'video_upload'].some(
          (mark) => (options as Record<string, unknown> | undefined)?.[mark],
        );
        if (isFile && typeof inputs[name] === 'string' && !isLink(inputs[name]))
          inputs[name] = 'https://example.com/file';
      }
    }
    return graph;
  }

  const answers = new Map<string, string>();
  beforeAll(async () => {
    for (const [name, graph] of all)
      answers.set(
        name,
        await makeRawGraph(addressed(graph), info, allowed, upload).then(
          () => 'taken',
          ({ code, message }) => code ?? message,
        ),
      );
  });

  test('takes or refuses every graph, and fails at none', () => {
    expect(new Set(answers.values())).toEqual(new Set(['taken', 'graph_refused']));
  });

  test('takes none that a ComfyUI does not take as it is, but for files, which it fetches', () => {
    const isOfFiles = ({ nodes = {} }: Verdict) =>
      Object.keys(nodes).length > 0 &&
      Object.values(nodes)
        .flat()
        .every((type) => type === 'custom_validation_failed');
    const isRefused = (verdict: Verdict) => verdict.failed || verdict.error || verdict.nodes;
    const wrong = [...judged].filter(
      ([name, { verdict }]) => answers.get(name) === 'taken' && isRefused(verdict) && !isOfFiles(verdict),
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  test('how many are taken', () => {
    const count = (names: Iterable<string>) => [...names].filter((name) => answers.get(name) === 'taken').length;
    expect({
      templates: count(Object.keys(templates)),
      spoiled: count(Object.keys(recorded.spoiled)),
      others: count(others.map(([name]) => name)),
    }).toEqual({ templates: 485, spoiled: 65, others: 22 });
  });
});
