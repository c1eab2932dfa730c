import { Anchor, CopyButton, Group } from '@mantine/core';
import { IconDownload, IconLink, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { saveDraft, taskList } from '../data/browser-stores.ts';
import type { Recipe } from '../lib/recipe.ts';
import { ActionButton } from './action-button.tsx';
import { HandOver } from './hand-over.tsx';

interface TaskActionsProps {
  state: TaskState;
  recipe: Recipe | undefined;
  catalogue: FamilyInfo[];
  /** Index of the output that they are about. */
  output?: number;
  /** Icons instead of labelled buttons, where space is short. */
  isCompact?: boolean;
}

/** What can be done with a task that has ended. */
export function TaskActions({ state, recipe, catalogue, output = 0, isCompact = false }: TaskActionsProps) {
  const [, navigate] = useLocation();
  const { task_id, outputs } = state;
  const made = outputs?.[output];
  const common = { isCompact };

  function reuse({ family, workflow_id, options }: Recipe) {
    saveDraft(family, { workflow_id, options });
    navigate(`/make/${family}`);
  }

  return (
    <Group gap={isCompact ? 4 : 'xs'}>
      {made?.kind === 'image' && (
        <HandOver
          image={{ task_id, output }}
          prompt={recipe?.options.prompt}
          catalogue={catalogue}
          isCompact={isCompact}
        />
      )}
      {recipe && <ActionButton {...common} label="Reuse settings" Icon={IconRefresh} onClick={() => reuse(recipe)} />}
      {made && <ActionButton {...common} label="Download" Icon={IconDownload} href={`${made.url}?download`} />}
      <CopyLink task_id={task_id} isCompact={isCompact} />
      {taskList.find(task_id) && (
        <ActionButton {...common} label="Remove" Icon={IconTrash} onClick={() => taskList.remove(task_id)} />
      )}
    </Group>
  );
}

/** Where the page may not write to the clipboard, a link to copy by hand. */
function CopyLink({ task_id, isCompact }: { task_id: string; isCompact: boolean }) {
  const link = `${location.origin}/tasks/${task_id}`;
  if (!navigator.clipboard) return <Anchor href={link}>Link</Anchor>;
  return (
    <CopyButton value={link}>
      {({ copied, copy }) => (
        <ActionButton
          label={copied ? 'Link copied' : 'Copy link'}
          Icon={IconLink}
          isCompact={isCompact}
          onClick={copy}
        />
      )}
    </CopyButton>
  );
}
