import { Box, NativeSelect, NavLink } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useNetwork } from '../data/queries.ts';
import { reasonAgainst } from '../network/availability.ts';

/** The workflow packages: a list, or on a phone a select. */
export function WorkflowMenu({ catalogue, name }: { catalogue: FamilyInfo[]; name: string }) {
  const { data: network } = useNetwork();
  const [, navigate] = useLocation();
  const families = catalogue.map((family) => {
    const isRunnable = family.workflows.some(({ workflow_id }) => !reasonAgainst(network, workflow_id));
    return { value: family.name, label: family.title, remark: isRunnable ? undefined : 'not available right now' };
  });
  return (
    <>
      <NativeSelect
        hiddenFrom="sm"
        label="Workflow"
        value={name}
        onChange={({ currentTarget }) => navigate(`/make/${currentTarget.value}`)}
        data={families.map(({ value, label, remark }) => ({ value, label: remark ? `${label} (${remark})` : label }))}
      />
      <Box component="nav" aria-label="Workflows" visibleFrom="sm">
        {families.map(({ value, label, remark }) => (
          <NavLink
            key={value}
            component={Link}
            to={`/make/${value}`}
            label={label}
            description={remark}
            active={value === name}
            {...(value === name && { 'aria-current': 'page' as const })}
          />
        ))}
      </Box>
    </>
  );
}
