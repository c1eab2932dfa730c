import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiNode, convertUiGraph } from '@heurist/ui-graph/convert-ui-graph';
import { recordedShapes } from '@heurist/ui-graph/recorded-shapes';
import { expect, test } from 'vitest';

const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', path), 'utf8'));
const exports: Record<string, Record<string, ApiNode>> = read('fixtures/graphs.json');
const shapes = await recordedShapes();

function convert(name: string): Record<string, ApiNode> {
  const { graph, unknown } = convertUiGraph(read(`graphs/${name}.json`), shapes);
  expect(unknown).toEqual([]);
  return Object.fromEntries(Object.entries(graph).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));
}

/** It makes a subgraph of a group first, with ids of its own; older editors count from 0, as we do. */
function withIds(theirs: Record<string, ApiNode>, ids: Record<string, string>): Record<string, ApiNode> {
  let text = JSON.stringify(theirs);
  for (const [from, to] of Object.entries(ids)) text = text.replaceAll(`"${from}"`, `"${to}"`);
  return JSON.parse(text);
}

/** Where ours differs on purpose from what the editor of 1.49 exports. */
const ON_PURPOSE: Record<string, (theirs: Record<string, ApiNode>) => Record<string, ApiNode>> = {
  'group-node': (theirs) => withIds(theirs, { '45:41': '28:0', '45:42': '28:1', '45:43': '28:2', '45:44': '28:3' }),
  'group-fed-primitive': (theirs) => withIds(theirs, { '63:61': '30:0', '63:62': '30:1' }),
  // it loses what nodes outside feed into the controls of a group
  'group-fed': (theirs) => {
    const ids = { '63:61': '30:0', '63:62': '30:1', '66:64': '31:0', '66:65': '31:1' };
    const { '30:0': blur, '30:1': sharpen, ...others } = withIds(theirs, ids);
    return {
      ...others,
      '30:0': { ...blur!, inputs: { ...blur!.inputs, blur_radius: ['2', 0] } },
      '30:1': { ...sharpen!, inputs: { ...sharpen!.inputs, sigma: ['3', 0] } },
    };
  },
  // it loses the number that the group shows of a primitive inside
  'group-primitive': (theirs) => {
    const { '30:1': blur, ...others } = withIds(theirs, { '63:62': '30:1' });
    return { ...others, '30:1': { ...blur!, inputs: { ...blur!.inputs, blur_radius: 8 } } };
  },
  // it loses the number of a primitive on its way into the inner subgraph
  'subgraph-nested-fed': (theirs) => {
    const blur = theirs['2:60:50']!;
    return { ...theirs, '2:60:50': { ...blur, inputs: { ...blur.inputs, blur_radius: 13 } } };
  },
  // it leaves the inside of a muted subgraph that is in another; the preview in it would even run
  'subgraph-nested-muted': ({ '2:60:50': _blur, '2:60:51': _preview, ...others }) => others,
};

test('each graph has an export', () => {
  const graphs = readdirSync(join(import.meta.dirname, '../graphs')).map((file) => file.replace('.json', ''));
  expect(graphs.toSorted()).toEqual(Object.keys(exports).toSorted());
});

test.each(Object.entries(exports))('%s is converted as the editor exports it', (name, theirs) => {
  expect(convert(name)).toEqual(ON_PURPOSE[name]?.(theirs) ?? theirs);
});
