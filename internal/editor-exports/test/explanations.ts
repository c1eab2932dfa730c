/** A place where our graph and the editor's differ. */
export interface Difference {
  file: string;
  id: string;
  class_type: string;
  input: string;
  theirs: unknown;
  ours: unknown;
}

/** Controls of the editor that no node has: the editor sends them, and the server leaves them out. */
const EDITOR_CONTROLS: Record<string, string[]> = {
  SaveGLB: ['image'],
  Preview3D: ['image'],
  Load3D: ['upload 3d model', 'upload extra resources', 'clear'],
};

/** Pictures that the editor takes of its 3D view at the moment of the export. */
const LIVE_VIEWS: Record<string, string[]> = {
  Load3D: ['image'],
  Preview3DAdvanced: ['viewport_state'],
  Save3DAdvanced: ['viewport_state'],
};

const NEWER = 'a node of 0.33 lacks a control that the file has: the editor takes the next value for it';

/** Files in which something is wrong in one of both. */
export const OF_ONE_FILE: Record<string, string> = {
  '3d_hunyuan3d-v2.1': NEWER,
  '3d_hunyuan3d_image_to_model': NEWER,
  api_bytedance_seedream_5_0_lite_image_edit: NEWER,
  templates_graphic_design_recomposer: NEWER,
  flux1_dev_uso_reference_image_gen:
    'the inside of a bypassed subgraph: the editor leaves its nodes, connected to nothing',
};

/** Why the editor's export and ours differ there; `undefined` if nobody knows. */
export function explain({ file, class_type, input, theirs, ours }: Difference): string | undefined {
  if (EDITOR_CONTROLS[class_type]?.includes(input) && ours === undefined) return 'a control of the editor';
  if (LIVE_VIEWS[class_type]?.includes(input) && typeof theirs === 'object') return 'a live 3D view';
  return OF_ONE_FILE[file];
}
