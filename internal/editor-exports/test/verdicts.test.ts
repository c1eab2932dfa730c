import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ObjectInfo, validateGraph } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { readCurrentObjectInfo } from '@heurist/test-servers/recordings';
import { describe, expect, test } from 'vitest';
import { spoiledGraphs } from '../src/spoil/spoiled-graphs.ts';
import { readTemplates } from '../src/templates.ts';
import { isTaken, ourVerdict, type Verdict } from '../src/verdict.ts';
import { BY_CHANCE } from './by-chance.ts';

interface Recording {
  comfyui: string;
  /** Files that lay among the inputs. */
  inputs: string[];
  templates: Record<string, Verdict>;
  spoiled: Record<string, Verdict>;
}

const path = join(import.meta.dirname, '../fixtures/verdicts.json');
const recorded: Recording = JSON.parse(readFileSync(path, 'utf8'));
const info = readCurrentObjectInfo<ObjectInfo>();
const templates = readTemplates<Graph>();
const files = new Set(recorded.inputs);

const ours = (graph: Graph) => ourVerdict(validateGraph(graph, info, { hasInputFile: (name) => files.has(name) }));

function compare(graphs: Iterable<readonly [name: string, graph: Graph]>, theirs: Record<string, Verdict>) {
  const differences: { name: string; their: Verdict; our: Verdict }[] = [];
  const takenByUsAlone: string[] = [];
  for (const [name, graph] of graphs) {
    const [our, their] = [ours(graph), theirs[name]!];
    if (isTaken(our) && !isTaken(their)) takenByUsAlone.push(name);
    // a server that fails says no more than that
    const isSame = their.failed ? !isTaken(our) : isDeepStrictEqual(our, their);
    if (!isSame) differences.push({ name, their, our });
  }
  return { differences, takenByUsAlone };
}

describe('the validator says of the official templates what ComfyUI 0.33 says', () => {
  const graphs = Object.entries(templates).map(([name, { exported }]) => [name, exported] as const);
  const { differences, takenByUsAlone } = compare(graphs, recorded.templates);

  test('of each', () => {
    expect(differences).toEqual([]);
    expect(takenByUsAlone).toEqual([]);
  });

  test('most of them are taken, so that the others mean something', () => {
    expect(Object.keys(recorded.templates)).toHaveLength(644);
    expect(Object.values(recorded.templates).filter(isTaken).length).toBeGreaterThan(400);
  });
});

describe('and of spoiled ones', () => {
  const sound = Object.keys(recorded.templates).filter((name) => isTaken(recorded.templates[name]!));
  const graphs = spoiledGraphs(templates, sound, info);
  const { differences, takenByUsAlone } = compare(
    graphs.map(({ name, graph }) => [name, graph] as const),
    recorded.spoiled,
  );

  test('they are those that the server was asked about', () => {
    expect(graphs.map(({ name }) => name)).toEqual(Object.keys(recorded.spoiled));
  });

  test('of nearly all, and none is taken that it refuses', () => {
    expect(takenByUsAlone).toEqual([]);
    expect(differences.filter(({ name }) => !BY_CHANCE.includes(name))).toEqual([]);
    expect(differences.map(({ name }) => name)).toEqual(BY_CHANCE);
  });
});
