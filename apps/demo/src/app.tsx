import {
  ActionIcon,
  Alert,
  Anchor,
  AppShell,
  Container,
  Group,
  Skeleton,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import type { FamilyInfo } from '../shared/api.ts';
import { isPassing } from './api.ts';
import { MakePage } from './make-page.tsx';
import { useCatalogue, useEnded, useNetwork, useTaskEvents } from './queries.ts';
import { taskList, useTaskList } from './task-list.ts';

const GalleryPage = lazy(() => import('./gallery-page.tsx'));
const NetworkPage = lazy(() => import('./network-page.tsx'));
const TaskPage = lazy(() => import('./task-page.tsx'));

export function App() {
  const { data: catalogue } = useCatalogue();
  return (
    <AppShell header={{ height: 56 }} padding="md">
      <AppShell.Header>
        <Header />
      </AppShell.Header>
      <AppShell.Main>
        <Container size="xl" px={0}>
          <Trouble />
          <Follower />
          {catalogue ? <Pages catalogue={catalogue} /> : <Skeleton height={400} aria-label="Loading" role="status" />}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Pages({ catalogue }: { catalogue: FamilyInfo[] }) {
  return (
    <Suspense fallback={<Skeleton height={400} />}>
      <Switch>
        <Route path="/make/:family">
          {({ family }) => <MakePage key={family} catalogue={catalogue} name={family} />}
        </Route>
        <Route path="/gallery">
          <GalleryPage catalogue={catalogue} />
        </Route>
        <Route path="/network">
          <NetworkPage />
        </Route>
        <Route path="/tasks/:id">{({ id }) => <TaskPage key={id} catalogue={catalogue} task_id={id} />}</Route>
        <Route path="/">
          <Redirect to={`/make/${catalogue[0]?.name}`} replace />
        </Route>
        <Route>
          <Title order={1} size="h2">
            There is nothing here
          </Title>
        </Route>
      </Switch>
    </Suspense>
  );
}

function Header() {
  return (
    <Group component="nav" aria-label="Pages" h="100%" px="md" gap="lg" wrap="nowrap">
      <Text fw={700} visibleFrom="xs">
        Heurist Studio
      </Text>
      <Place to="/make">Make</Place>
      <Place to="/gallery">Gallery</Place>
      <Place to="/network">Network</Place>
      <ColorSchemeSwitch />
    </Group>
  );
}

function Place({ to, children }: { to: string; children: ReactNode }) {
  const [location] = useLocation();
  const isHere = location.startsWith(to);
  return (
    <Anchor
      component={Link}
      to={to === '/make' ? '/' : to}
      fw={isHere ? 700 : 500}
      {...(isHere && { 'aria-current': 'page' })}
    >
      {children}
    </Anchor>
  );
}

function ColorSchemeSwitch() {
  const { setColorScheme, colorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <ActionIcon
      ml="auto"
      size="lg"
      variant="default"
      aria-label={isDark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

/** Says in words when the network is away. It is looked for all the time, so this goes by itself. */
function Trouble() {
  const { error } = useNetwork();
  return (
    <div role="status" aria-live="polite">
      {error && (
        <Alert color="red" variant="light" title="No connection" mb="md">
          {error.message} {isPassing(error) && 'It is tried again every few seconds. What you submitted is kept.'}
        </Alert>
      )}
    </div>
  );
}

/** Follows every task that has not ended, on whatever page. */
function Follower() {
  const open = useTaskList().flatMap(({ task_id, has_ended }) => (has_ended ? [] : task_id));
  const ended = useEnded(open);
  useTaskEvents(open);
  useEffect(() => {
    for (const task_id of ended) taskList.end(task_id);
  }, [ended]);
  return null;
}
