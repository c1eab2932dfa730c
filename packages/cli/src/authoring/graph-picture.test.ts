import type { Graph } from '@heurist/core/definition';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { graphPicture } from './graph-picture.ts';

const node = (class_type: string, inputs: object = {}, title?: string): Graph[string] => ({
  class_type,
  inputs: { ...inputs },
  ...(title !== undefined && { _meta: { title } }),
});
const graph: Graph = {
  a: node('LoadImage', { image: 'x.png' }, 'Photo </text><script>alert(1)</script> & "\'\u001b[31m\u202e'),
  b: node('ImageScale', { image: ['a', 0], width: 8 }),
  c: node('Image\u202eBlend', { image1: ['a', 0], image2: ['b', 0] }),
  d: node('SaveImage', { images: ['c', 0] }),
};
const parameters: FoundParameter[] = [
  { name: 'image', kind: 'file', bindings: ['a.image'], value: 'x.png', isRequired: true, file: 'image' },
  { name: 'width', kind: 'side', bindings: [{ node: 'b', input: 'width' }], value: 8, isRequired: false },
];
const draw = (more: Partial<Parameters<typeof graphPicture>[0]> = {}) =>
  graphPicture({ name: 'my-flow', graph, parameters, outputs: ['d'], ...more });

test('is an image with a name and a description, for a light and a dark page', async () => {
  const svg = draw();
  expect(svg).toMatch(/role="img" aria-labelledby="title description">\n<title id="title">Graph of my-flow<\/title>/);
  expect(svg).toContain('4 nodes, from inputs on the left to outputs on the right. Options: image_url, width.</desc>');
  expect(svg).toContain('@media (prefers-color-scheme: dark)');
  // librsvg reads it, so it is well-formed
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  expect([width > 300, height > 40]).toEqual([true, true]);
});

test('names of a graph are text, and never markup or controls', () => {
  const svg = draw({ name: '<b>' });
  for (const bad of ['<script', '<b>', '\u001b', '\u202e']) expect(svg).not.toContain(bad);
  expect(svg).toContain('Graph of &lt;b&gt;');
  expect(svg).toContain('Photo &lt;/text&gt;&lt;script&gt;');
});

test('boxes follow their sources from left to right, and options stand in the box that they set', () => {
  const boxes = draw()
    .split('\n')
    .filter((line) => line.startsWith('<g>'));
  const x = boxes.map((box) => Number(/<rect [^>]*? x="(\d+)"/.exec(box)![1]));
  expect(x).toEqual(x.toSorted((a, b) => a - b));
  expect(new Set(x).size).toBe(4);
  expect(boxes.map((box) => [...box.matchAll(/class="option">(\w+)/g)].map(([, name]) => name))).toEqual([
    ['image_url'],
    ['width'],
    [],
    [],
  ]);
  expect(boxes.map((box) => /rect class="([^"]+)"/.exec(box)![1])).toEqual([
    'box open',
    'box open',
    'box',
    'box output',
  ]);
});

test('a long title is cut, and shown whole by the mouse; a cycle and a link to nowhere are drawn', () => {
  const title = 'A title that is much longer than any box should be';
  const svg = draw({
    graph: { a: node('A', { in: ['b', 0] }, title), b: node('B', { in: ['a', 0], other: ['gone', 0] }) },
    outputs: [],
    parameters: [],
  });
  expect(svg).toContain(`<title>${title}\nA</title>`.replace('\n', '&#10;'));
  expect(svg).toContain('>A title that is much longer…</text>');
  expect(svg.match(/<path /g)).toHaveLength(2);
});
