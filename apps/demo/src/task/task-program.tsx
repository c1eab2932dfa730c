import { useQuery } from '@tanstack/react-query';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { ProgramView } from '../programs/program-view.tsx';
import { chainOf } from './chain-of.ts';

/** Programs that give the same result. */
export function TaskProgram({ state, catalogue }: { state: TaskState; catalogue: FamilyInfo[] }) {
  const { data: steps } = useQuery({
    queryKey: ['program', state.task_id],
    queryFn: async () => await chainOf(state, catalogue),
  });
  if (!steps?.length) return null;
  return (
    <section aria-label="Code" className="stack" style={{ '--gap': 'var(--space-3)' }}>
      <h2>Code</h2>
      <ProgramView steps={steps} />
    </section>
  );
}
