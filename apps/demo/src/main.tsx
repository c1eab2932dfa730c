import './styles/tokens.css';
import './styles/base.css';
import './ui/ui.css';
import './styles/app.css';
import './styles/home.css';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { preloadPage } from './app/pages.tsx';
import { applyTheme } from './app/theme.ts';
import { resumeLater } from './chains/resume-later.ts';
import { Root } from './root.tsx';

applyTheme();
preloadPage(location.pathname);
resumeLater();
const root = document.getElementById('root')!;
// only the first page is in the HTML; the others have its frame
if (root.dataset.page === location.pathname) hydrateRoot(root, <Root />);
else createRoot(root).render(<Root />);
