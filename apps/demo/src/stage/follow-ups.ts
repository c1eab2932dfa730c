import type { FamilyInfo, NetworkReply, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import type { OutputValue } from '../lib/dragged-output.ts';
import { fileOption } from '../lib/file-value.ts';
import { reasonAgainstPicture } from '../lib/picture-size.ts';
import { chooseWorkflow } from '../make/choose-workflow.ts';
import { reasonAgainst } from '../network/availability.ts';

/** A package that continues from a picture. */
export interface FollowUp {
  family: FamilyInfo;
  workflow: WorkflowInfo;
  /** With the picture in its place. */
  options: TaskOptions;
  /** Whether the picture is all that it needs, so that it can run at once. */
  isWhole: boolean;
  /** Why it cannot be done now. */
  reason: string | undefined;
}

/** What can be made from a picture, in the order of the catalogue. */
export function followUps(
  catalogue: readonly FamilyInfo[],
  network: NetworkReply | undefined,
  picture: OutputValue,
): FollowUp[] {
  return catalogue.flatMap((family) => {
    const workflow = chooseWorkflow(family, undefined, (id) => reasonAgainst(network, id));
    const option = fileOption(workflow, 'image');
    if (!option) return [];
    const options = { [option]: picture };
    return {
      family,
      workflow,
      options,
      isWhole: workflow.required.every((name) => name === option) && !workflow.options.prompt,
      reason: reasonAgainst(network, workflow.workflow_id) ?? reasonAgainstPicture(picture, workflow, options),
    };
  });
}
