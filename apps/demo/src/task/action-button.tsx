import { ActionIcon, Button } from '@mantine/core';
import type { IconTrash } from '@tabler/icons-react';

interface ActionButtonProps {
  label: string;
  Icon: typeof IconTrash;
  /** An icon only, where space is short. */
  isCompact: boolean;
  onClick?: () => void;
  href?: string;
}

/** Something that can be done with a task: a button, or a link that looks like one. */
export function ActionButton({ label, Icon, isCompact, onClick, href }: ActionButtonProps) {
  const target = href ? { component: 'a' as const, href } : { ...(onClick && { onClick }) };
  if (isCompact)
    return (
      <ActionIcon variant="default" aria-label={label} title={label} {...target}>
        <Icon size={16} />
      </ActionIcon>
    );
  return (
    <Button size="xs" variant="default" leftSection={<Icon size={14} />} {...target}>
      {label}
    </Button>
  );
}
