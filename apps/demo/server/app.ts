import { Heurist } from '@heurist/core';
import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { requireKnownHost } from '@heurist/server-kit/known-host';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { describeFamilies, families } from './catalogue.ts';
import { explainErrors, notFound, refuseHost } from './http/errors.ts';
import { requireOwnSite } from './http/own-site.ts';
import { securePages, secureReplies } from './http/secure-headers.ts';
import { addPage } from './http/serve-page.ts';
import { type DemoLimits, defaultLimits } from './limits.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addFileRoutes } from './routes/file-routes.ts';
import { addNetworkRoutes } from './routes/network-routes.ts';
import { addTaskRoutes } from './routes/task-routes.ts';
import { addVisitorRoutes } from './routes/visitor-routes.ts';
import type { DemoServices } from './services.ts';
import { addSignIn } from './sign-in/sign-in-routes.ts';
import { SignedIn } from './sign-in/signed-in.ts';
import { everybody } from './visitors/everybody.ts';
import { namedByProxy } from './visitors/named-by-proxy.ts';
import { Proxies } from './visitors/proxies.ts';
import type { DemoApp, Visitors } from './visitors/visitor.ts';

/** How visitors are told apart: not at all, by keys of their own, or by a header of the proxy in front. */
export type VisitorChoice = { by: 'nothing' } | { by: 'key' } | { by: 'header'; header: string };

/** Settings of the page's server. */
export interface AppOptions {
  /** Address of the network. */
  workflowURL: string;
  /** Where programs of visitors reach the network. Default: `workflowURL`. */
  publicURL?: string | undefined;
  /** Never leaves the server. If visitors sign in with keys, it only asks for the state of the network, and may be missing. */
  apiKey?: string | undefined;
  /** Folder of the built page. */
  webDir: string;
  limits?: Partial<DemoLimits>;
  closing?: AbortSignal;
  /** Names by which visitors reach the page, besides IP addresses and `localhost`. Default none. */
  hostNames?: readonly string[];
  /** Default: everybody uses `apiKey`. */
  visitors?: VisitorChoice;
  /** Addresses and networks of the proxies in front. Default none. */
  trustedProxies?: readonly string[];
}

/** The page's server: it holds the key, checks and limits what the page sends, and passes it on. */
export function createApp(options: AppOptions): DemoApp {
  const { webDir, hostNames = [] } = options;
  const services = servicesOf(options);
  const visitors = visitorsOf(options, services);
  const app: DemoApp = new Hono();
  app.use(closeBodyOfHead);
  app.use(requireKnownHost(hostNames, refuseHost));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.use((c, next) => (c.req.path.startsWith('/api/') ? secureReplies(c, next) : securePages(c, next)));
  app.use(requireOwnSite(hostNames));
  const catalogue = describeFamilies(families);
  app.get('/api/catalogue', compress(), etag(), (c) => c.json(catalogue, 200, { 'cache-control': 'no-cache' }));
  app.use('/api/*', async (c, next) => {
    c.set('visitor', await visitors.find(c));
    await next();
  });
  addVisitorRoutes(app, visitors, services);
  addNetworkRoutes(app, services);
  addTaskRoutes(app, services);
  addEventRoutes(app, services);
  addFileRoutes(app, services);
  app.all('/api/*', ({ req }) => {
    throw notFound(`Unknown API call: ${req.method} ${req.path}.`);
  });
  if (visitors instanceof SignedIn) addSignIn(app, visitors, services);
  addPage(app, webDir);
  app.onError(explainErrors({ workflowURL: services.workflowURL, signsIn: visitors.signsIn }));
  return app;
}

function servicesOf({
  workflowURL,
  publicURL,
  apiKey,
  limits,
  closing,
  trustedProxies = [],
}: AppOptions): DemoServices {
  return {
    observer: apiKey ? new Heurist({ workflowURL, apiKey }) : undefined,
    workflowURL,
    publicURL: publicURL ?? workflowURL,
    limits: { ...defaultLimits, ...limits },
    proxies: new Proxies(trustedProxies),
    closing: closing ?? new AbortController().signal,
  };
}

function visitorsOf(options: AppOptions, { proxies }: DemoServices): Visitors {
  const { workflowURL, apiKey = '', visitors = { by: 'nothing' } } = options;
  if (visitors.by === 'key') return new SignedIn(workflowURL);
  if (visitors.by === 'header') return namedByProxy({ workflowURL, apiKey, header: visitors.header, proxies });
  return everybody(new Heurist({ workflowURL, apiKey }));
}
