import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useTitle } from '../lib/use-title.ts';
import { MakeForm } from '../make/make-form.tsx';
import { WorkflowMenu } from '../make/workflow-menu.tsx';
import { Stage } from '../stage/stage.tsx';

/** The workplace: the packages, the form of one of them, and what was made. */
export default function MakePage({ catalogue, name }: { catalogue: FamilyInfo[]; name: string }) {
  const family = catalogue.find((candidate) => candidate.name === name);
  useTitle(family?.title ?? 'Create');
  if (!family)
    return (
      <div className="page stack">
        <h1>Workflow {name} not found</h1>
        <p>
          <Link to="/">Go to the first page</Link>
        </p>
      </div>
    );
  return (
    <div className="workplace">
      <WorkflowMenu catalogue={catalogue} name={family.name} />
      <MakeForm key={family.name} family={family} />
      <Stage catalogue={catalogue} family={family} />
    </div>
  );
}
