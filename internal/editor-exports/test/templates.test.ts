import { isDeepStrictEqual } from 'node:util';
import { type ApiNode, convertUiGraph } from '@heurist/ui-graph/convert-ui-graph';
import { recordedShapes } from '@heurist/ui-graph/recorded-shapes';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTemplates } from '../src/templates.ts';
import { type Difference, explain, OF_ONE_FILE } from './explanations.ts';

type Graph = Record<string, ApiNode>;

const templates = readTemplates<Graph>();
const shapes = await recordedShapes();

/** The editor of 1.49 reads values by place alone. */
function withoutNames(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part) => (key === 'widgets_values_named' ? undefined : part)));
}

function differences(file: string, theirs: Graph, ours: Graph): Difference[] {
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((id) => {
    const [their, our] = [theirs[id], ours[id]];
    const class_type = (their ?? our)!.class_type;
    if (!their || !our || their.class_type !== our.class_type)
      return [{ file, id, class_type, input: '', theirs: their?.class_type, ours: our?.class_type }];
    const inputs = new Set([...Object.keys(their.inputs), ...Object.keys(our.inputs)]);
    return [...inputs]
      .filter((input) => !isDeepStrictEqual(their.inputs[input], our.inputs[input]))
      .map((input) => ({ file, id, class_type, input, theirs: their.inputs[input], ours: our.inputs[input] }));
  });
}

const results = { same: 0, explained: 0, unknown: 0 };
const unexplained: Difference[] = [];
const reasons: Record<string, number> = {};

beforeAll(() => {
  for (const [name, { file, exported }] of Object.entries(templates)) {
    const { graph, unknown } = convertUiGraph(withoutNames(file), shapes);
    if (unknown.length) {
      results.unknown++;
      continue;
    }
    const found = differences(name, exported, graph);
    for (const difference of found) {
      const reason = explain(difference);
      if (reason) reasons[reason] = (reasons[reason] ?? 0) + 1;
      else unexplained.push(difference);
    }
    results[found.length ? 'explained' : 'same']++;
  }
});

describe('the official templates are converted as the editor exports them', () => {
  test('every difference is explained', () => {
    expect(unexplained).toEqual([]);
  });

  test('how many are the same', () => {
    expect(results).toEqual({ same: 468, explained: 38, unknown: 138 });
  });

  test('every explanation is needed', () => {
    expect(reasons).toEqual({
      'a control of the editor': 61,
      'a live 3D view': 5,
      'a node of 0.33 lacks a control that the file has: the editor takes the next value for it': 21,
      'the inside of a bypassed subgraph: the editor leaves its nodes, connected to nothing': 4,
    });
    for (const file of Object.keys(OF_ONE_FILE)) expect(Object.keys(templates)).toContain(file);
  });
});

describe('values by name', () => {
  const byName = Object.entries(templates).map(([name, { file }]) => {
    const named = convertUiGraph(file, shapes);
    const placed = convertUiGraph(withoutNames(file), shapes);
    return { name, named, placed };
  });

  test('what is saved with names needs no place: more files are converted', () => {
    const known = (one: (typeof byName)[number], how: 'named' | 'placed') => !one[how].unknown.length;
    expect(byName.filter((one) => known(one, 'named'))).toHaveLength(526);
    expect(byName.filter((one) => known(one, 'placed') && !known(one, 'named'))).toEqual([]);
  });

  test('both ways give the same, but for files that are newer than the nodes', () => {
    const different = byName.filter(
      ({ named, placed }) => !placed.unknown.length && !isDeepStrictEqual(named.graph, placed.graph),
    );
    expect(different.map(({ name }) => name)).toEqual([
      'api_bytedance_seedream_5_0_lite_image_edit',
      'api_meshy7_1_image_to_model',
      'api_meshy7_image_to_model',
      'api_meshy_image_to_model',
    ]);
  });
});

describe('classes that nobody described, by the names in the file', () => {
  const convertAll = (known: typeof shapes) =>
    Object.entries(templates).map(([name, { file }]) => ({
      name,
      file,
      ...convertUiGraph(file, known, { trustsNames: true }),
    }));

  test('files with newer nodes than the recording are converted', () => {
    const converted = convertAll(shapes).filter(({ unknown }) => !unknown.length);
    expect([converted.length, converted.filter(({ assumed }) => assumed.length).length]).toEqual([618, 92]);
  });

  test('what is sent is the same as for classes that are described, but for a few', () => {
    const different: Record<string, number> = {};
    let same = 0;
    for (const { file, graph } of convertAll({})) {
      const described = convertUiGraph(file, shapes);
      if (described.unknown.length) continue;
      for (const [id, { class_type, inputs }] of Object.entries(graph)) {
        const right = described.graph[id]?.inputs;
        const wrong = Object.keys(right ?? {}).filter((input) => !isDeepStrictEqual(right?.[input], inputs[input]));
        if (right && !wrong.length) same++;
        for (const input of wrong) different[`${class_type}.${input}`] = (different[`${class_type}.${input}`] ?? 0) + 1;
      }
    }
    expect({ same, different }).toEqual({
      same: 1042,
      different: {
        // a view, for the editor alone
        'ImageCompare.compare_view': 8,
        // the names were saved before the controls depended on a choice
        'SaveVideo.format.codec': 9,
        'ByteDanceSeedreamNodeV3.model.fail_on_partial': 1,
        'ByteDanceSeedreamNodeV3.model.max_images': 1,
      },
    });
  });
});
