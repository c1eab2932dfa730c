import { Badge } from '@mantine/core';
import type { TaskState } from '../../shared/api.ts';

const colors = { waiting: 'gray', running: 'indigo', finished: 'green', failed: 'red', canceled: 'gray' };

/** The status of a task; screen readers announce its changes. */
export function StatusBadge({ state }: { state: TaskState | undefined }) {
  return (
    <span role="status">
      {state && (
        <Badge color={colors[state.status]} variant="dot" tt="none">
          {state.status}
        </Badge>
      )}
    </span>
  );
}
