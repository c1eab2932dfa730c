import { lazy, type ReactNode, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useCatalogue } from '../data/queries.ts';
import { HomePage } from '../home/home-page.tsx';
import { useTitle } from '../lib/use-title.ts';
import { Loading } from './loading.tsx';

/** The first page shows at once; the others load on demand. */
const loaders = {
  '/make': () => import('../pages/make-page.tsx'),
  '/gallery': () => import('../gallery/gallery-page.tsx'),
  '/chains': () => import('../chains/chains-page.tsx'),
  '/network': () => import('../pages/network-page.tsx'),
  '/your-workflow': () => import('../own-workflow/your-workflow-page.tsx'),
  '/tasks': () => import('../pages/task-page.tsx'),
};
const MakePage = lazy(loaders['/make']);
const GalleryPage = lazy(loaders['/gallery']);
const ChainsPage = lazy(loaders['/chains']);
const NetworkPage = lazy(loaders['/network']);
const YourWorkflowPage = lazy(loaders['/your-workflow']);
const TaskPage = lazy(loaders['/tasks']);

/** Loads the page of a path, before what it shows has arrived. If that fails, the page itself asks again. */
export async function preloadPage(path: string): Promise<void> {
  for (const [start, load] of Object.entries(loaders)) if (path.startsWith(start)) await load().catch(() => {});
}

/** Which page belongs to which path. */
export function Pages() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/">
          <HomePage />
        </Route>
        <Route path="/make/:family">
          {({ family }) => (
            <WithCatalogue>
              {(catalogue) => <MakePage key={family} catalogue={catalogue} name={family} />}
            </WithCatalogue>
          )}
        </Route>
        <Route path="/gallery">
          <WithCatalogue>{(catalogue) => <GalleryPage catalogue={catalogue} />}</WithCatalogue>
        </Route>
        <Route path="/chains/:id?">
          {({ id }) => <WithCatalogue>{(catalogue) => <ChainsPage catalogue={catalogue} id={id} />}</WithCatalogue>}
        </Route>
        <Route path="/network">
          <NetworkPage />
        </Route>
        <Route path="/your-workflow">
          <YourWorkflowPage />
        </Route>
        <Route path="/tasks/:id">
          {({ id }) => (
            <WithCatalogue>{(catalogue) => <TaskPage key={id} catalogue={catalogue} task_id={id} />}</WithCatalogue>
          )}
        </Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Suspense>
  );
}

/** A page that needs the packages. */
function WithCatalogue({ children }: { children: (catalogue: FamilyInfo[]) => ReactNode }) {
  const { data: catalogue } = useCatalogue();
  return catalogue ? children(catalogue) : <Loading />;
}

function NotFound() {
  useTitle('Page not found');
  return (
    <div className="page stack">
      <h1>Page not found</h1>
      <p>
        There is nothing at this address. <Link to="/">Go to the first page</Link>, or to{' '}
        <Link to="/gallery">what you made</Link>.
      </p>
    </div>
  );
}
