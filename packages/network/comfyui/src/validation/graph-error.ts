/** One thing wrong with a node, in ComfyUI's words. */
export interface GraphError {
  /** ComfyUI's name of it, such as `value_not_in_list`. */
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

/** ComfyUI's `node_errors`: node id -> what is wrong, and which outputs cannot run for it. */
export type GraphErrors = Record<string, { errors: GraphError[]; dependent_outputs: string[]; class_type: string }>;
