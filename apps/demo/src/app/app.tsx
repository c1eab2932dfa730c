import { AppShell, Container, Skeleton } from '@mantine/core';
import { useCatalogue } from '../data/queries.ts';
import { AppHeader } from './app-header.tsx';
import { ConnectionAlert } from './connection-alert.tsx';
import { Pages } from './pages.tsx';
import { TaskFollower } from './task-follower.ts';

export function App() {
  const { data: catalogue } = useCatalogue();
  return (
    <AppShell header={{ height: 56 }} padding="md">
      <AppShell.Header>
        <AppHeader />
      </AppShell.Header>
      <AppShell.Main>
        <Container size="xl" px={0}>
          <ConnectionAlert />
          <TaskFollower />
          {catalogue ? <Pages catalogue={catalogue} /> : <Skeleton height={400} aria-label="Loading" role="status" />}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}
