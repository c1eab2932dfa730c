import { Button, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useState } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { useTaskList } from '../data/browser-stores.ts';
import { titled } from '../lib/words.ts';
import { TaskCard } from '../task/task-card.tsx';

const STEP = 24;

/** Everything that was created in this browser. */
export default function GalleryPage({ catalogue }: { catalogue: FamilyInfo[] }) {
  useDocumentTitle(titled('Gallery'));
  const entries = useTaskList();
  const [count, setCount] = useState(STEP);
  return (
    <>
      <Title order={1} size="h2" mb="md">
        Gallery
      </Title>
      {!entries.length && <Text c="dimmed">Nothing here yet. Everything you create is kept here.</Text>}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }}>
        {entries.slice(0, count).map((entry) => (
          <TaskCard key={entry.task_id} entry={entry} catalogue={catalogue} isCompact />
        ))}
      </SimpleGrid>
      {entries.length > count && (
        <Group justify="center" mt="lg">
          <Button variant="default" onClick={() => setCount(count + STEP)}>
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}
