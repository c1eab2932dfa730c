import { Studio } from './studio.tsx';

/** Read for each request, not when the app is built. */
export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <main>
      <h1>Draw an icon</h1>
      <Studio workflowURL={process.env.HEURIST_WORKFLOW_URL ?? ''} />
    </main>
  );
}
