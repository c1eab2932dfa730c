import type { VisitorView } from '../../shared/api.ts';
import type { DemoServices } from '../services.ts';
import type { DemoApp, Visitors } from '../visitors/visitor.ts';

/** Who asks, and what they may. */
export function addVisitorRoutes(app: DemoApp, { signsIn }: Visitors, { publicURL, limits }: DemoServices): void {
  const { picturePixels, uploadBytes } = limits;
  app.get('/api/visitor', (c) => {
    const { name } = c.get('visitor');
    return c.json({
      ...(name !== undefined && { name }),
      canSignOut: signsIn,
      networkUrl: publicURL,
      limits: { picturePixels, uploadBytes },
    } satisfies VisitorView);
  });
}
