import type { TaskState } from '../../shared/api.ts';
import { duration } from '../lib/words.ts';

/** Such as `42% · KSampler · 3 s elapsed, about 4 s left`. */
export function progressText({ status, progress, queue_position, eta_seconds }: TaskState, elapsedMs: number): string {
  const place = status === 'waiting' ? placeOf(queue_position) : `${Math.round(progress?.percent ?? 0)}%`;
  const left = eta_seconds === undefined ? '' : `, about ${duration(eta_seconds * 1000)} left`;
  const times = `${duration(elapsedMs)} elapsed${left}`;
  return [place, progress?.node, times].filter(Boolean).join(' · ');
}

function placeOf(position: number | undefined): string {
  if (!position) return 'Next in line';
  return `${position} ${position === 1 ? 'task' : 'tasks'} ahead`;
}
