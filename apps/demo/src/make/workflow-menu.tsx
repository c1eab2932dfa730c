import { IconFileImport } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { isRunnable } from '../network/availability.ts';
import { iconOf } from './family-icons.ts';

/** The workflow packages: beside the form, or on a phone above it. */
export function WorkflowMenu({ catalogue, name }: { catalogue: FamilyInfo[]; name: string }) {
  const { data: network } = useNetwork();
  const current = useRef<HTMLAnchorElement>(null);
  // on a phone it may be out of sight
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [name]);
  return (
    <nav aria-label="Workflows" className="rail">
      {catalogue.map((family) => {
        const Icon = iconOf(family.name);
        const isCurrent = family.name === name;
        const remark = isRunnable(network, family) ? undefined : 'not available right now';
        return (
          <Link
            key={family.name}
            to={`/make/${family.name}`}
            title={remark}
            {...(isCurrent && { ref: current, 'aria-current': 'page' as const })}
          >
            <Icon size={20} stroke={1.6} />
            <span>{family.title}</span>
            {remark && <small className="needs">{remark}</small>}
          </Link>
        );
      })}
      <Link to="/your-workflow">
        <IconFileImport size={20} stroke={1.6} />
        <span>Your workflow</span>
      </Link>
    </nav>
  );
}
