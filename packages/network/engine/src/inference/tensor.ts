/** What goes into networks and comes out: numbers and their shape. */
export interface Tensor {
  data: Float32Array | Int32Array;
  dims: readonly number[];
}
