import type { DefaultTheme } from 'vitepress';

/** Words of questions that say nothing of what is asked. */
const EMPTY = new Set(
  'a an and are can do does for from how i in is it my of on or the to what when where which why with'.split(' '),
);

/** Search in the browser, without a server: the index is a file of the site. */
export const search: DefaultTheme.LocalSearchOptions = {
  detailedView: true,
  miniSearch: {
    options: { processTerm: (term: string) => (EMPTY.has(term.toLowerCase()) ? null : term.toLowerCase()) },
  },
};
