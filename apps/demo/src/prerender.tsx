// At build time: what the HTML holds before any script runs.
import { renderToString } from 'react-dom/server';
import { Root } from './root.tsx';

/** The HTML of a page. Outside of the first page, only the frame is known: it is the page at an address that does not exist yet. */
export const renderPage = (path: string): string => renderToString(<Root path={path} />);
