// version 3.1 of @dagrejs/dagre names a file of types that it does not have
declare module '@dagrejs/dagre' {
  interface Placed {
    x: number;
    y: number;
    width: number;
    height: number;
  }
  export class Graph {
    setGraph(options: object): void;
    graph(): { width?: number; height?: number };
    setDefaultEdgeLabel(label: () => object): void;
    setNode(id: string, size: { width: number; height: number }): void;
    node(id: string): Placed;
    setEdge(from: string, to: string): void;
    edges(): { v: string; w: string }[];
    edge(edge: { v: string; w: string }): { points: { x: number; y: number }[] };
  }
  export function layout(graph: Graph): void;
}
