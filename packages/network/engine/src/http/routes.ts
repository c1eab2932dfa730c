import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { OutsideError } from '../storage/files.ts';
import { addFileRoutes } from './file-routes.ts';
import { addInfoRoutes } from './info-routes.ts';
import { addPromptRoutes } from './prompt-routes.ts';
import { addQueueRoutes } from './queue-routes.ts';
import type { RouteServices } from './route-services.ts';
import { SERVER_FEATURES } from './socket-hub.ts';

/** ComfyUI's HTTP interface. Success without content is 200 with an empty body, as there. */
export function createRoutes(services: RouteServices): Hono {
  const app = new Hono();
  app.use(closeBodyOfHead);
  app.use(
    bodyLimit({
      maxSize: SERVER_FEATURES.max_upload_size,
      onError: (c) => c.text(`Maximum request body size ${SERVER_FEATURES.max_upload_size} exceeded.`, 413),
    }),
  );
  addPromptRoutes(app, services);
  addQueueRoutes(app, services);
  addFileRoutes(app, services);
  addInfoRoutes(app, services);
  app.onError((error, c) => {
    if (error instanceof OutsideError) return c.body(null, c.req.path.endsWith('/view') ? 403 : 400);
    return c.text('500 Internal Server Error\n\nServer got itself in trouble', 500);
  });
  return app;
}
