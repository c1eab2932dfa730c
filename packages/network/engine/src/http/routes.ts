import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { limitBody } from '@heurist/server-kit/limit-body';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
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
  const { max_upload_size } = SERVER_FEATURES;
  app.use(
    limitBody(max_upload_size, () => {
      throw new HTTPException(413, { message: `Maximum request body size ${max_upload_size} exceeded.` });
    }),
  );
  addPromptRoutes(app, services);
  addQueueRoutes(app, services);
  addFileRoutes(app, services);
  addInfoRoutes(app, services);
  app.onError((error, c) => {
    if (error instanceof OutsideError) return c.body(null, c.req.path.endsWith('/view') ? 403 : 400);
    if (error instanceof HTTPException) return c.text(error.message, error.status);
    return c.text('500 Internal Server Error\n\nServer got itself in trouble', 500);
  });
  return app;
}
