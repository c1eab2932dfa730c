// At build time: what the HTML holds before any script runs.
import { prerender } from 'react-dom/static.edge';
import { describeFamilies, families } from '../server/catalogue.ts';
import type { FamilyInfo } from '../shared/api.ts';
import { createQueryClient } from './data/query-client.ts';
import { Root } from './root.tsx';

const catalogue = describeFamilies(families);
/** The pages whose address says all. */
const paths = [
  '/',
  '/gallery',
  '/chains',
  '/network',
  '/your-workflow',
  ...catalogue.map(({ name }) => `/make/${name}`),
];

/** Path -> HTML, with what is known before the network is asked and before a browser remembers anything. */
export const pages: Readonly<Record<string, string>> = Object.fromEntries(
  await Promise.all(paths.map(async (path) => [path, await render(path, catalogue)])),
);

/** Where a path names something that only the network or a browser knows, or nothing at all. */
const roomOf = { 'tasks/id.html': '/tasks/any', 'chains/id.html': '/chains/any', 'page.html': '/nowhere' };

/** File -> HTML, the same for every such path. */
export const rooms: Readonly<Record<string, string>> = Object.fromEntries(
  await Promise.all(Object.entries(roomOf).map(async ([file, path]) => [file, await render(path)])),
);

async function render(path: string, known?: FamilyInfo[]): Promise<string> {
  const errors: unknown[] = [];
  const { prelude } = await prerender(<Root path={path} queryClient={createQueryClient(known)} />, {
    // in one piece: what comes later would be put in its place by a script
    progressiveChunkSize: Number.POSITIVE_INFINITY,
    // the page would go without the part that failed
    onError: (error) => void errors.push(error),
  });
  if (errors.length) throw errors[0];
  return await new Response(prelude).text();
}
