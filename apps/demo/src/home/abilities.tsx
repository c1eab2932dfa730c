import { IconFileImport } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { FamilyInfo, NetworkReply } from '../../shared/api.ts';
import { useCatalogue, useNetwork, useVisitor } from '../data/queries.ts';
import { modelName } from '../lib/model-name.ts';
import { duration } from '../lib/words.ts';
import { iconOf } from '../make/family-icons.ts';
import { isRunnable, reasonAgainst } from '../network/availability.ts';
import { Code } from '../ui/code.tsx';
import { addGpuLines } from './add-gpu.ts';

/** What the network can do now, and what it could do with a GPU. */
export function Abilities() {
  const { data: catalogue } = useCatalogue();
  const { data: network } = useNetwork();
  const { data: visitor } = useVisitor();
  if (!catalogue || !network || !visitor) return <div className="skeleton tall" role="status" aria-label="Loading" />;
  const now = catalogue.filter((family) => isRunnable(network, family));
  const later = catalogue.filter((family) => !isRunnable(network, family));
  return (
    <div className="abilities">
      <section aria-labelledby="now" className="stack">
        <h2 id="now">What this network can do now</h2>
        {now.length ? (
          <ul className="ability-list">
            {now.map((family) => (
              <Ability key={family.name} family={family} remark={speedOf(family, network)} />
            ))}
          </ul>
        ) : (
          <p className="muted">Nothing: no miner is connected. Tasks wait until one connects.</p>
        )}
      </section>
      {later.length > 0 && (
        <section aria-labelledby="later" className="stack">
          <h2 id="later">What a GPU would add</h2>
          <ul className="ability-list">
            {later.map((family) => (
              <Ability key={family.name} family={family} remark={modelsOf(family)} />
            ))}
          </ul>
          <p className="muted">On a machine with a GPU and ComfyUI:</p>
          <Code isWrapped>{addGpuLines(visitor.networkUrl).join('\n')}</Code>
        </section>
      )}
      <section aria-labelledby="own" className="stack">
        <h2 id="own">Bring your own workflow</h2>
        <ul className="ability-list">
          <li>
            <Link to="/your-workflow" className="ability">
              <IconFileImport size={20} stroke={1.6} />
              <span>
                Your workflow
                <small>From a file of ComfyUI to a package for your app</small>
              </span>
            </Link>
          </li>
        </ul>
      </section>
    </div>
  );
}

function Ability({ family, remark }: { family: FamilyInfo; remark: string }) {
  const Icon = iconOf(family.name);
  return (
    <li>
      <Link to={`/make/${family.name}`} className="ability">
        <Icon size={20} stroke={1.6} />
        <span>
          {family.title}
          <small>{remark}</small>
        </span>
      </Link>
    </li>
  );
}

/** Which model, and how long a run took on average. */
function speedOf({ workflows }: FamilyInfo, network: NetworkReply): string {
  const workflow = workflows.find((one) => !reasonAgainst(network, one.workflow_id))!;
  const { workflow_id } = workflow;
  const status = 'isSilent' in network ? undefined : network.workflows.find((one) => one.workflow_id === workflow_id);
  const name = modelName(workflow);
  return status?.run_ms === undefined ? name : `${name}, about ${duration(Math.max(status.run_ms, 1000))}`;
}

const modelsOf = ({ workflows }: FamilyInfo): string => workflows.map(modelName).join(' · ');
