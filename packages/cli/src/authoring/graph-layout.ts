import { type Edge, Graph as Layered, layout } from '@dagrejs/dagre';

/** A box of the picture. */
export interface Box {
  id: string;
  width: number;
  height: number;
}

/** A box with its place: that of its left upper corner. */
export interface PlacedBox extends Box {
  x: number;
  y: number;
}

/** A point of a line. */
export interface Point {
  x: number;
  y: number;
}

/** Boxes and the lines between them, within a frame. */
export interface GraphLayout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: Point[][];
}

const MARGIN = 16;

/** A node may be called `constructor`, which every object has. */
const keyOf = (id: string) => `node ${id}`;

/** Lays boxes out in layers from left to right, along their links. */
export function layOut(boxes: readonly Box[], links: readonly (readonly [from: string, to: string])[]): GraphLayout {
  const graph = new Layered();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 44, edgesep: 8, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(keyOf(id), { width, height });
  for (const [from, to] of links) graph.setEdge(keyOf(from), keyOf(to));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const lines: Point[][] = graph.edges().map((edge: Edge) => (graph.edge(edge) as { points: Point[] }).points);
  // lines may go around the boxes, out of the frame that they make
  const heights = lines.flat().map(({ y }) => y);
  const down = Math.max(0, MARGIN - Math.min(MARGIN, ...heights));
  return {
    width: Math.ceil(width),
    height: Math.ceil(Math.max(height, ...heights.map((y) => y + MARGIN)) + down),
    boxes: boxes.map((box) => {
      const { x, y } = graph.node(keyOf(box.id)) as Point;
      return { ...box, x: Math.round(x - box.width / 2), y: Math.round(y - box.height / 2 + down) };
    }),
    lines: lines.map((points) => points.map(({ x, y }) => ({ x, y: y + down }))),
  };
}
