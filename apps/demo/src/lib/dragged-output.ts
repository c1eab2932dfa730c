import type { FileValue } from '../../shared/api.ts';

/** An output of a task, as one option of another takes it. */
export type OutputValue = Extract<FileValue, { task_id: string }>;

const TYPE = 'application/x-heurist-output';

/** Attributes of a picture that can be dragged into any field for a picture. */
export const draggable = (output: OutputValue) => ({
  draggable: true,
  onDragStart: ({ dataTransfer }: { dataTransfer: DataTransfer }) => dataTransfer.setData(TYPE, JSON.stringify(output)),
});

/** What was dragged here from another place of the page, if anything. */
export function readDragged(data: DataTransfer): OutputValue | undefined {
  const text = data.getData(TYPE);
  return text ? (JSON.parse(text) as OutputValue) : undefined;
}
