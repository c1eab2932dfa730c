import type { WorkflowDefinition } from '@heurist/core/definition';
import { makesOf } from '@heurist/graph-plan/find/makes';
import { PICTURES } from './file-kinds.ts';
import { LOOKS, type WorkflowTest } from './test-file-schema.ts';

/** Classes of ComfyUI that never give out a picture. Others may: a node that combines videos writes GIFs too. */
const NO_PICTURE = /^(Save|Preview)(Video|WEBM|Audio\w*|Any|GLB|3D\w*)$/;

/** Why a test cannot look at what its workflow makes, before it runs: nothing here decodes videos. */
export function problemOfLooks(
  { expect }: Pick<WorkflowTest, 'expect'>,
  { graph, outputs }: Pick<WorkflowDefinition, 'graph' | 'outputs'>,
): string | undefined {
  const look = LOOKS.find((name) => expect[name]);
  const classOf = (id: string) => graph[id]?.class_type ?? '';
  if (!look || !outputs.length || !outputs.every((id) => NO_PICTURE.test(classOf(id)))) return undefined;
  const made = outputs.map((id) => `${makesOf(graph, {}, id)} (${id}, ${classOf(id)})`);
  return `expect.${look} looks at ${PICTURES}; the workflow makes ${made.join(', ')}`;
}
