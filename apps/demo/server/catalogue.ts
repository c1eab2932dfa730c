import type { WorkflowTask } from '@heurist/core';
import { describeParameters, optionName, type WorkflowDefinition } from '@heurist/core/definition';
import { FluxLoraTask } from '@heurist/flux-lora';
import { definitions as fluxLora } from '@heurist/flux-lora/definition';
import { Image2ImageTask } from '@heurist/image2image';
import { definitions as image2image } from '@heurist/image2image/definition';
import { Image2VideoTask } from '@heurist/image2video';
import { definitions as image2video } from '@heurist/image2video/definition';
import { InpaintTask } from '@heurist/inpaint';
import { definitions as inpaint } from '@heurist/inpaint/definition';
import { Text2AudioTask } from '@heurist/text2audio';
import { definitions as text2audio } from '@heurist/text2audio/definition';
import { Text2ImageTask } from '@heurist/text2image';
import { definitions as text2image } from '@heurist/text2image/definition';
import { Text2VideoTask } from '@heurist/text2video';
import { definitions as text2video } from '@heurist/text2video/definition';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions as upscaler } from '@heurist/upscaler/definition';
import type { FamilyInfo, WorkflowInfo } from '../shared/api.ts';

/** A workflow package, as the page composes it. */
export interface Family {
  name: string;
  title: string;
  makes: FamilyInfo['makes'];
  Task: new (options: never) => WorkflowTask;
  definitions: readonly WorkflowDefinition[];
}

/** Every workflow package of the SDK. */
export const families: readonly Family[] = [
  { name: 'text2image', title: 'Picture from words', makes: 'image', Task: Text2ImageTask, definitions: text2image },
  { name: 'image2image', title: 'Remake a picture', makes: 'image', Task: Image2ImageTask, definitions: image2image },
  { name: 'inpaint', title: 'Repaint a part', makes: 'image', Task: InpaintTask, definitions: inpaint },
  { name: 'upscaler', title: 'Upscale a picture', makes: 'image', Task: UpscalerTask, definitions: upscaler },
  { name: 'flux-lora', title: 'Picture with a LoRA', makes: 'image', Task: FluxLoraTask, definitions: fluxLora },
  { name: 'text2video', title: 'Video from words', makes: 'video', Task: Text2VideoTask, definitions: text2video },
  { name: 'image2video', title: 'Animate a picture', makes: 'video', Task: Image2VideoTask, definitions: image2video },
  { name: 'text2audio', title: 'Music from words', makes: 'audio', Task: Text2AudioTask, definitions: text2audio },
];

/** The packages as the page needs them: forms come from each graph's JSON Schema. */
export function describeFamilies(all: readonly Family[]): FamilyInfo[] {
  return all.map(({ name, title, makes, Task, definitions }) => ({
    name,
    title,
    makes,
    package: `@heurist/${name}`,
    task: Task.name,
    workflows: definitions.map(describeWorkflow),
  }));
}

function describeWorkflow(definition: WorkflowDefinition): WorkflowInfo {
  const { workflow_id, title, files } = definition;
  const { properties, required } = describeParameters(definition);
  const optionOf = (name: string) => optionName(name, Object.hasOwn(files, name));
  return {
    workflow_id,
    title,
    options: Object.fromEntries(Object.entries(properties).map(([name, property]) => [optionOf(name), property])),
    required: required.map(optionOf),
    files: Object.keys(files).map(optionOf),
  };
}
