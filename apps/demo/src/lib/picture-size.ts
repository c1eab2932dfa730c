import type { FileValue, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import { MAX_PIXELS, megapixels, PICTURE_KINDS, sideOf } from '../../shared/picture-rules.ts';
import { isFile } from './file-value.ts';

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * How much larger than it is a picture is shown: a whole multiple, so that small pictures stay sharp, or less than 1 if it does
 * not fit.
 */
export function shownScale(picture: Size, room: Size): number {
  const fit = Math.min(room.width / picture.width, room.height / picture.height);
  return fit < 1 ? fit : Math.floor(fit);
}

/** How many times as wide and high a workflow makes a picture. */
const factorOf = ({ options: rules }: WorkflowInfo, options: TaskOptions): number =>
  Number(options.scale ?? rules.scale?.default ?? 1);

/** Which pictures a workflow takes, said before one is chosen. */
export function pictureRules(workflow: WorkflowInfo, options: TaskOptions, uploadBytes: number): string {
  const factor = factorOf(workflow, options);
  const most = MAX_PIXELS / factor ** 2;
  const why = factor > 1 ? `: it is enlarged ${factor} times` : '';
  return `${PICTURE_KINDS}. At most ${uploadBytes / 1e6} MB and ${megapixels(most)}, such as ${sideOf(most)}${why}.`;
}

/** Why the network would refuse a picture that is given to a workflow; `undefined` if it would not. */
export function reasonAgainstPicture(
  value: FileValue,
  workflow: WorkflowInfo,
  options: TaskOptions,
): string | undefined {
  const { width = 0, height = 0 } = value;
  const factor = factorOf(workflow, options);
  const pixels = width * height;
  const made = pixels * factor ** 2;
  if (made <= MAX_PIXELS) return undefined;
  const enlarged = factor > 1 ? ` Enlarged ${factor} times it would have ${megapixels(made)}.` : '';
  return `${nameOf(value)} has ${megapixels(pixels)} (${width} x ${height}).${enlarged} The limit is ${megapixels(MAX_PIXELS)}: use a picture of at most ${sideOf(MAX_PIXELS / factor ** 2)} pixels.`;
}

/** What a file is called on the page. */
export const nameOf = (value: FileValue): string => ('name' in value ? value.name : 'An output of an earlier task');

/** The files of a form that the network would refuse: option -> reason. */
export function refusedPictures(workflow: WorkflowInfo, options: TaskOptions): Record<string, string> {
  const reasons = Object.entries(options).map(([name, value]) => [
    name,
    isFile(value) ? reasonAgainstPicture(value, workflow, options) : undefined,
  ]);
  return Object.fromEntries(reasons.filter(([, reason]) => reason));
}
