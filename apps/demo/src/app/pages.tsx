import { Skeleton, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { MakePage } from '../pages/make-page.tsx';

// not everybody opens these: they load on demand
const GalleryPage = lazy(() => import('../pages/gallery-page.tsx'));
const NetworkPage = lazy(() => import('../pages/network-page.tsx'));
const TaskPage = lazy(() => import('../pages/task-page.tsx'));

/** Which page belongs to which path. */
export function Pages({ catalogue }: { catalogue: FamilyInfo[] }) {
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
            Page not found
          </Title>
        </Route>
      </Switch>
    </Suspense>
  );
}
