import { Heurist } from '@heurist/core';
import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { requireKnownHost } from '@heurist/server-kit/known-host';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { csrf } from 'hono/csrf';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { describeFamilies, families } from './catalogue.ts';
import { errorResponse, notFound, refuseHost } from './http/errors.ts';
import { addPage } from './http/serve-page.ts';
import { type DemoLimits, defaultLimits } from './limits.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addFileRoutes } from './routes/file-routes.ts';
import { addNetworkRoutes } from './routes/network-routes.ts';
import { addTaskRoutes } from './routes/task-routes.ts';
import type { DemoServices } from './services.ts';

/** Settings of the page's server. */
export interface AppOptions {
  /** Address of the network. */
  workflowURL: string;
  /** Never leaves the server. */
  apiKey: string;
  /** Folder of the built page. */
  webDir: string;
  limits?: Partial<DemoLimits>;
  closing?: AbortSignal;
  /** Names by which visitors reach the page, besides IP addresses and `localhost`. Default none. */
  hostNames?: readonly string[];
}

const securePages = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    // the component library sets sizes and colours by style attributes
    styleSrc: ["'self'", "'unsafe-inline'"],
    frameAncestors: ["'none'"],
  },
});
/** A file that a stranger uploaded must not run as a page of this server. */
const secureReplies = secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], sandbox: [] } });

/** The page's server: it holds the key, checks and limits what the page sends, and passes it on. */
export function createApp({ workflowURL, apiKey, webDir, limits, closing, hostNames = [] }: AppOptions): Hono {
  const services: DemoServices = {
    heurist: new Heurist({ workflowURL, apiKey }),
    workflowURL,
    limits: { ...defaultLimits, ...limits },
    closing: closing ?? new AbortController().signal,
  };
  const app = new Hono();
  app.use(closeBodyOfHead);
  app.use(requireKnownHost(hostNames, refuseHost));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.use((c, next) => (c.req.path.startsWith('/api/') ? secureReplies(c, next) : securePages(c, next)));
  app.use('/api/*', csrf());
  const catalogue = describeFamilies(families);
  app.get('/api/catalogue', compress(), etag(), (c) => c.json(catalogue, 200, { 'cache-control': 'no-cache' }));
  addNetworkRoutes(app, services);
  addTaskRoutes(app, services);
  addEventRoutes(app, services);
  addFileRoutes(app, services);
  app.all('/api/*', ({ req }) => {
    throw notFound(`Unknown API call: ${req.method} ${req.path}.`);
  });
  addPage(app, webDir);
  app.onError(errorResponse);
  return app;
}
