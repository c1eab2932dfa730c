import type { WorkflowDefinition, WorkflowFamily } from '@heurist/core/definition';
import { family as fluxLora } from '@heurist/flux-lora/definition';
import { family as image2image } from '@heurist/image2image/definition';
import { family as image2video } from '@heurist/image2video/definition';
import { family as inpaint } from '@heurist/inpaint/definition';
import { family as text2audio } from '@heurist/text2audio/definition';
import { family as text2image } from '@heurist/text2image/definition';
import { family as text2video } from '@heurist/text2video/definition';
import { family as upscaler } from '@heurist/upscaler/definition';

/** Every workflow package that comes with the command, in order. */
export const families: readonly WorkflowFamily[] = [
  fluxLora,
  image2image,
  image2video,
  inpaint,
  text2audio,
  text2image,
  text2video,
  upscaler,
].toSorted((a, b) => a.order - b.order);

/** Every workflow that comes with the command. The first of a task type is its default. */
export const workflows: readonly WorkflowDefinition[] = families.flatMap(({ definitions }) => definitions);

/** The families that can run on this machine, without a GPU. */
export const cpuFamilies: readonly WorkflowFamily[] = families.filter(({ cpuId }) => cpuId);

/** Whether a workflow is the CPU graph of one of these families. */
export function isCpuGraph(workflow_id: string): boolean {
  return cpuFamilies.some(({ cpuId }) => cpuId === workflow_id);
}
