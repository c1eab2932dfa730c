import { ActionIcon, Anchor, Button, CopyButton, Group } from '@mantine/core';
import {
  IconBrush,
  IconDownload,
  IconLink,
  IconMaximize,
  IconMovie,
  IconPencil,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { FileValue, TaskState } from '../shared/api.ts';
import { saveDraft } from './drafts.ts';
import type { Recipe } from './recipe.ts';
import { taskList } from './task-list.ts';

/** What a picture can be handed to. */
const uses = [
  { family: 'upscaler', label: 'Upscale', Icon: IconMaximize },
  { family: 'image2image', label: 'Edit', Icon: IconPencil },
  { family: 'inpaint', label: 'Repaint', Icon: IconBrush },
  { family: 'image2video', label: 'Animate', Icon: IconMovie },
];

interface ActionsProps {
  state: TaskState;
  recipe: Recipe | undefined;
  /** Which output they are about. */
  output?: number;
  /** Signs instead of words, where there is little room. */
  isCompact?: boolean;
}

/** What can be done with a task that has ended. */
export function TaskActions({ state, recipe, output = 0, isCompact = false }: ActionsProps) {
  const [, navigate] = useLocation();
  const { task_id, outputs } = state;
  const made = outputs?.[output];

  function handTo(family: string) {
    const picture: FileValue = { task_id, output };
    const prompt = recipe?.options.prompt;
    saveDraft(family, { options: { image_url: picture, ...(prompt !== undefined && { prompt }) } });
    navigate(`/make/${family}`);
  }

  function again() {
    if (!recipe) return;
    saveDraft(recipe.family, { workflow_id: recipe.workflow_id, options: recipe.options });
    navigate(`/make/${recipe.family}`);
  }

  const Action = isCompact ? CompactAction : WordedAction;
  return (
    <Group gap={isCompact ? 4 : 'xs'}>
      {made?.kind === 'image' &&
        uses.map(({ family, label, Icon }) => (
          <Action key={family} label={label} Icon={Icon} onClick={() => handTo(family)} />
        ))}
      {recipe && <Action label="Again with these" Icon={IconRefresh} onClick={again} />}
      {made && <Action label="Download" Icon={IconDownload} href={`${made.url}?download`} />}
      <CopyLink task_id={task_id} Action={Action} />
      {taskList.find(task_id) && <Action label="Remove" Icon={IconTrash} onClick={() => taskList.remove(task_id)} />}
    </Group>
  );
}

interface ActionProps {
  label: string;
  Icon: typeof IconTrash;
  onClick?: () => void;
  href?: string;
}

function WordedAction({ label, Icon, onClick, href }: ActionProps) {
  const common = { size: 'xs', variant: 'default', leftSection: <Icon size={14} />, children: label } as const;
  return href ? <Button {...common} component="a" href={href} /> : <Button {...common} {...(onClick && { onClick })} />;
}

function CompactAction({ label, Icon, onClick, href }: ActionProps) {
  const common = { variant: 'default', 'aria-label': label, title: label, children: <Icon size={16} /> } as const;
  if (href) return <ActionIcon {...common} component="a" href={href} />;
  return <ActionIcon {...common} {...(onClick && { onClick })} />;
}

/** Where the page may not write to the clipboard, the link is there to be copied by hand. */
function CopyLink({ task_id, Action }: { task_id: string; Action: typeof WordedAction }) {
  const link = `${location.origin}/tasks/${task_id}`;
  if (!navigator.clipboard) return <Anchor href={link}>Link</Anchor>;
  return (
    <CopyButton value={link}>
      {({ copied, copy }) => <Action label={copied ? 'Link copied' : 'Copy link'} Icon={IconLink} onClick={copy} />}
    </CopyButton>
  );
}
