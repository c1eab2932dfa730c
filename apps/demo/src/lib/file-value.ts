import type { FileValue, OptionValue, WorkflowInfo } from '../../shared/api.ts';

export const isFile = (value: OptionValue | undefined): value is FileValue => typeof value === 'object';

/** Where the page can load a file from that an option names. */
export function addressOf(value: { url: string } | { task_id: string; output: number }): string {
  return 'url' in value
    ? `/api/files?url=${encodeURIComponent(value.url)}`
    : `/api/tasks/${value.task_id}/outputs/${value.output}`;
}

/** The option that sets a file parameter, such as `image_url` for `image`. */
export function fileOption({ files }: WorkflowInfo, parameter: string): string | undefined {
  return Object.keys(files).find((option) => files[option] === parameter);
}
