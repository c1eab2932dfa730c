/** Status -> its colour, the same on every page. */
const tones: Record<string, string> = { running: 'busy', finished: 'good', failed: 'bad' };

/** The status of a task; screen readers announce its changes. */
export function StatusBadge({ status }: { status: string | undefined }) {
  return (
    <span role="status">
      {status && (
        <span className="status" data-tone={tones[status]}>
          {status}
        </span>
      )}
    </span>
  );
}
