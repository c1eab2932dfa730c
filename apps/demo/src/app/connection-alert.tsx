import { isTransient } from '../data/api.ts';
import { useNetwork } from '../data/queries.ts';

/** Says that the network is unreachable. It is polled all the time, so this disappears by itself. */
export function ConnectionAlert() {
  const { error } = useNetwork();
  return (
    <div role="status" aria-live="polite">
      {error && (
        <p className="connection">
          <strong>Connection lost</strong> {error.message}{' '}
          {isTransient(error) && 'Retrying every few seconds. Tasks you submitted are not lost.'}
        </p>
      )}
    </div>
  );
}
