import type { FamilyInfo, OptionValue } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import type { Recipe } from '../lib/recipe.ts';

/** A task of a chain, and its package. */
export interface ProgramStep extends Recipe {
  task_id: string;
  info: FamilyInfo;
}

/** Writes a program that runs a chain of tasks on a network and saves the output of the last one. It reads `HEURIST_API_KEY`. */
export type WriteProgram = (steps: readonly ProgramStep[], networkUrl: string) => string;

/** What a parameter is called on the wire and by the CLI: `image_url` sets `image`. */
export function parameterOf({ info, workflow_id }: ProgramStep, option: string): string {
  return info.workflows.find((workflow) => workflow.workflow_id === workflow_id)?.files[option] ?? option;
}

/** Where the output of an earlier step is taken from. */
export type OutputRef = Extract<OptionValue, { task_id: string }>;

/** Name of the file that a program saves. */
export function fileNameOf({ info }: ProgramStep): string {
  return `${info.name}.${{ image: 'png', video: 'mp4', audio: 'mp3' }[info.makes]}`;
}

/** For a comment: which files a program reads from the folder that it runs in; `undefined` if none. */
export function readsOf(steps: readonly ProgramStep[]): string | undefined {
  const values = steps.flatMap(({ options }) => Object.values(options));
  const names = new Set(values.flatMap((value) => (isFile(value) && 'url' in value ? value.name : [])));
  // whatever could end the comment is left out
  return names.size
    ? `reads ${[...names].join(', ').replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')} from its folder`
    : undefined;
}

/** A step's name among the variables of a shell. */
export const variableOf = (steps: readonly ProgramStep[], task_id: string): string =>
  `step${steps.findIndex((step) => step.task_id === task_id) + 1}`;

/** Whether a key may only be sent there if the program says so. */
export function isInsecure(networkUrl: string): boolean {
  const { protocol, hostname } = new URL(networkUrl);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
