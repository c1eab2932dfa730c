// the styles of all pages are few, and inside the HTML of each: none waits for a file
import './styles/tokens.css';
import './styles/base.css';
import './ui/ui.css';
import './styles/app.css';
import './styles/home.css';
import './styles/make.css';
import './styles/task.css';
import './styles/gallery.css';
import './styles/network.css';
import './chains/chains.css';
import './own-workflow/own-workflow.css';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { takeOver } from './app/early-press.tsx';
import { preloadPage } from './app/pages.tsx';
import { resumeLater } from './chains/resume-later.ts';
import { catalogueQuery } from './data/queries.ts';
import { createQueryClient } from './data/query-client.ts';
import { Root } from './root.tsx';

const queryClient = createQueryClient();
const root = document.getElementById('root')!;
// parts that are taken over last begin with the path of the HTML, wherever a click has led meanwhile
const page = <Root queryClient={queryClient} path={location.pathname} />;
const needed = [preloadPage(location.pathname), queryClient.fetchQuery(catalogueQuery)];
resumeLater();
const makeHere = () => {
  takeOver(root);
  createRoot(root).render(page);
};
const goOn = () => {
  takeOver(root);
  hydrateRoot(root, page);
};
// what is in the HTML was made with the packages; without them, or at a path with an id, the page is made here
if (root.dataset.page === location.pathname) Promise.all(needed).then(goOn, makeHere);
else makeHere();
