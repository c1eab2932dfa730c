import { describeParameters, optionName, type WorkflowDefinition, type WorkflowFamily } from '@heurist/core/definition';
import { family as fluxLora } from '@heurist/flux-lora/definition';
import { family as image2image } from '@heurist/image2image/definition';
import { family as image2video } from '@heurist/image2video/definition';
import { family as inpaint } from '@heurist/inpaint/definition';
import { family as text2audio } from '@heurist/text2audio/definition';
import { family as text2image } from '@heurist/text2image/definition';
import { family as text2video } from '@heurist/text2video/definition';
import { family as upscaler } from '@heurist/upscaler/definition';
import type { FamilyInfo, WorkflowInfo } from '../shared/api.ts';

/** Every workflow package of the SDK, in the order of the page. */
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

/** The packages as the page needs them: its forms are made from each graph's JSON Schema. */
export function describeFamilies(all: readonly WorkflowFamily[]): FamilyInfo[] {
  return all.map(({ name, title, makes, Task, definitions }) => ({
    name,
    title,
    makes,
    package: `@heurist/${name}`,
    task_type: definitions[0]!.task_type,
    task: Task.name,
    workflows: definitions.map(describeWorkflow),
  }));
}

function describeWorkflow(definition: WorkflowDefinition): WorkflowInfo {
  const { workflow_id, title, files } = definition;
  const { properties, required } = describeParameters(definition);
  const optionOf = (parameter: string) => optionName(parameter, Object.hasOwn(files, parameter));
  return {
    workflow_id,
    title,
    options: Object.fromEntries(Object.entries(properties).map(([name, property]) => [optionOf(name), property])),
    required: required.map(optionOf),
    files: Object.fromEntries(Object.keys(files).map((parameter) => [optionOf(parameter), parameter])),
  };
}
