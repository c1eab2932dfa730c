import { Box, Grid, NativeSelect, NavLink, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link, useLocation } from 'wouter';
import type { FamilyInfo } from '../shared/api.ts';
import { reasonAgainst } from './availability.ts';
import { MakeForm } from './make-form.tsx';
import { useNetwork } from './queries.ts';
import { TaskCard } from './task-card.tsx';
import { useTaskList } from './task-list.ts';
import { titled } from './words.ts';

const RECENT = 12;

/** The form of one package, and what was made lately. */
export function MakePage({ catalogue, name }: { catalogue: FamilyInfo[]; name: string | undefined }) {
  const recent = useTaskList().slice(0, RECENT);
  const family = catalogue.find((candidate) => candidate.name === name);
  useDocumentTitle(titled(family?.title ?? 'Make'));
  if (!family) return <Title order={1}>There is no package {name}</Title>;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, sm: 4, lg: 2 }}>
        <Families catalogue={catalogue} name={family.name} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, sm: 8, lg: 5 }}>
        <Title order={1} size="h2" mb="md">
          {family.title}
        </Title>
        <MakeForm family={family} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack component="section" aria-label="Lately made">
          {recent.map((entry) => (
            <TaskCard key={entry.task_id} entry={entry} catalogue={catalogue} />
          ))}
          {!recent.length && <Text c="dimmed">What you make appears here.</Text>}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

/** What there is to make: a list, on a phone a choice. */
function Families({ catalogue, name }: { catalogue: FamilyInfo[]; name: string }) {
  const { data: network } = useNetwork();
  const [, navigate] = useLocation();
  const families = catalogue.map((family) => {
    const isRunnable = family.workflows.some(({ workflow_id }) => !reasonAgainst(network, workflow_id));
    return { value: family.name, label: family.title, remark: isRunnable ? undefined : 'not on this network now' };
  });
  return (
    <>
      <NativeSelect
        hiddenFrom="sm"
        label="What to make"
        value={name}
        onChange={({ currentTarget }) => navigate(`/make/${currentTarget.value}`)}
        data={families.map(({ value, label, remark }) => ({ value, label: remark ? `${label} - ${remark}` : label }))}
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
