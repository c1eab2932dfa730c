import { Heurist, HeuristError } from '@heurist/core';
import { getConnInfo } from '@hono/node-server/conninfo';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import { rateLimiter } from 'hono-rate-limiter';
import type { Network } from '../shared/api.ts';
import { describeFamilies, families } from './catalogue.ts';
import { errorResponse, type Limits, type Services } from './context.ts';
import { addFileRoutes } from './file-routes.ts';
import { addTaskRoutes } from './task-routes.ts';

/** Settings of the page's server. */
export interface AppOptions {
  /** Address of the network. */
  workflowURL: string;
  /** Stays here. */
  apiKey: string;
  /** Folder of the built page. */
  webDir: string;
  limits?: Partial<Limits>;
  closing?: AbortSignal;
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
/** Whatever a stranger uploaded must not run as a page of this server. */
const secureReplies = secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], sandbox: [] } });

const MAX_JSON_BYTES = 100_000;
const NETWORK_TIMEOUT_MS = 4000;
/** Pages that look at the same moment share one answer. */
const NETWORK_FRESH_MS = 1000;

/** The page's server: it holds the key, checks and limits what comes from the page, and passes it on. */
export function createApp({ workflowURL, apiKey, webDir, limits, closing }: AppOptions): Hono {
  const services: Services = {
    heurist: new Heurist({ workflowURL, apiKey }),
    workflowURL,
    limits: { tasksPerMinute: 60, filesPerMinute: 60, uploadBytes: 50_000_000, ...limits },
    closing: closing ?? new AbortController().signal,
  };
  const app = new Hono();
  app.use((c, next) => (c.req.path.startsWith('/api/') ? secureReplies(c, next) : securePages(c, next)));
  app.use('/api/*', csrf());
  app.post('/api/tasks', limitRate(services.limits.tasksPerMinute), bodyLimit({ maxSize: MAX_JSON_BYTES }));
  app.post('/api/files', limitRate(services.limits.filesPerMinute));
  const catalogue = describeFamilies(families);
  app.get('/api/catalogue', (c) => c.json(catalogue));
  const readNetwork = shared(() => askNetwork(services.heurist), NETWORK_FRESH_MS);
  app.get('/api/network', async (c) => c.json(await readNetwork()));
  addTaskRoutes(app, services);
  addFileRoutes(app, services);
  app.all('/api/*', (c) => c.json({ code: 'not_found', message: 'There is no such call.' }, 404));
  app.use(serveStatic({ root: webDir }));
  // every other path is a place within the page
  app.get('*', serveStatic({ root: webDir, path: 'index.html' }));
  app.onError(errorResponse);
  return app;
}

function limitRate(perMinute: number) {
  return rateLimiter({
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator: (c: Context) => getConnInfo(c).remote.address ?? '',
    handler: (c) => c.json({ code: 'rate_limited', message: 'That was a lot. Go on in a minute.' }, 429),
  });
}

/** A network that knows only the reference's calls is silent about itself. */
async function askNetwork({ workflow }: Heurist): Promise<Network> {
  try {
    const status = await workflow.networkStatus({ signal: AbortSignal.timeout(NETWORK_TIMEOUT_MS) });
    const { dead_webhooks, ...open } = status;
    return { ...open, recent_failures: status.recent_failures.map(({ task_id, ...failure }) => failure) };
  } catch (error) {
    if (HeuristError.isInstance(error) && error.code === 'not_found') return { isSilent: true };
    if (HeuristError.isInstance(error) && !error.isRetryable) throw error;
    throw new HeuristError('The network does not answer.', { code: 'unavailable', cause: error });
  }
}

function shared<T>(ask: () => Promise<T>, freshMs: number): () => Promise<T> {
  let last: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (!last || Date.now() > last.until) {
      const answer = ask();
      const current = { answer, until: Number.POSITIVE_INFINITY };
      last = current;
      const end = () => {
        current.until = Date.now() + freshMs;
      };
      answer.then(end, end);
    }
    return last.answer;
  };
}
