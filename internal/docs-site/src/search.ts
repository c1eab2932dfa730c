import type { DefaultTheme } from 'vitepress';

/**
 * Leaves out words of questions that say nothing of what is asked. The function is sent to the browser as text: it may use nothing
 * from outside.
 */
function processTerm(term: string): string | null {
  const word = term.toLowerCase();
  const isEmpty =
    /^(an?|and|are|can|do|does|for|from|get|how|i|in|is|it|my|of|on|or|the|to|what|when|where|which|why|with)$/.test(
      word,
    );
  return isEmpty ? null : word;
}

/** Guides answer questions before pages that only list names, or what has changed and why. Sent to the browser as text, too. */
function boostDocument(address: string): number {
  if (/\/(reference\/|decisions\/|changelog|benchmarks|map)/.test(address)) return 0.3;
  return /\/(start|guides)\//.test(address) ? 2 : 1;
}

/** Search in the browser, without a server: the index is a file of the site. */
export const search = {
  detailedView: true,
  miniSearch: {
    options: { processTerm },
    searchOptions: { fuzzy: 0.25, prefix: true, boost: { title: 4, text: 2, titles: 1 }, boostDocument },
  },
} satisfies DefaultTheme.LocalSearchOptions;
