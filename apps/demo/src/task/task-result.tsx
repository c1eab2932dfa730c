import type { OutputDescription } from '@heurist/core';
import { Stack } from '@mantine/core';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { addressOf, fileOption, isFile } from '../lib/file-value.ts';
import { findWorkflow, type Recipe } from '../lib/recipe.ts';
import { CompareSlider } from './compare-slider.tsx';
import { OutputView } from './output-view.tsx';
import { TaskActions } from './task-actions.tsx';

interface TaskResultProps {
  state: TaskState;
  recipe: Recipe | undefined;
  catalogue: FamilyInfo[];
  title: string;
}

/** Every output of a task, and what can be done with it. */
export function TaskResult({ state, recipe, catalogue, title }: TaskResultProps) {
  const common = { state, recipe, catalogue };
  const workflow = findWorkflow(catalogue, recipe?.workflow_id)?.workflow;
  const option = workflow && fileOption(workflow, 'image');
  const source = option ? recipe?.options[option] : undefined;
  if (!state.outputs?.length) return <TaskActions {...common} />;
  const view = (output: OutputDescription) =>
    output.kind === 'image' && isFile(source) ? (
      <CompareSlider before={addressOf(source)} after={output.url} alt={title} />
    ) : (
      <OutputView output={output} alt={title} isWhole />
    );
  return state.outputs.map((output, index) => (
    <Stack key={output.url} gap="xs">
      {view(output)}
      <TaskActions {...common} output={index} />
    </Stack>
  ));
}
