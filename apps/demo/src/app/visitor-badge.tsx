import { useVisitor } from '../data/queries.ts';
import { Button } from '../ui/button.tsx';

/** Who is signed in, and the way out; nothing on a page that everybody may use. */
export function VisitorBadge() {
  const { data: visitor } = useVisitor();
  if (visitor?.name === undefined) return null;
  return (
    <>
      <span className="muted small wide-only">{visitor.name}</span>
      {visitor.canSignOut && (
        // a form, so that the cookie goes by a request that other sites cannot make
        <form method="post" action="/sign-out">
          <Button type="submit" look="quiet" size="compact" title={`Signed in as ${visitor.name}`}>
            Sign out
          </Button>
        </form>
      )}
    </>
  );
}
