import { Heurist, HeuristError, parseCredentials, type Session } from '@heurist/core';
import type { Context, Next } from 'hono';
import { PAGE_PATHS } from '../../shared/page-paths.ts';
import { limitRate } from '../http/rate-limit.ts';
import { limitSize } from '../http/size-limit.ts';
import type { DemoServices } from '../services.ts';
import { openSession } from '../visitors/permission.ts';
import { type DemoApp, reasonText, SignedOutError } from '../visitors/visitor.ts';
import { forgetSession, storeSession } from './session-cookie.ts';
import { signInPage } from './sign-in-page.ts';
import type { SignedIn } from './signed-in.ts';

const FORM_BYTES = 5000;

/** Signing in and out, and the way there for whoever opens a page without it. */
export function addSignIn(app: DemoApp, signedIn: SignedIn, { workflowURL, limits, proxies }: DemoServices): void {
  const requireSession = async (c: Context, next: Next) => {
    try {
      signedIn.session(c);
    } catch (error) {
      if (error instanceof SignedOutError) return c.redirect(signInPath(error.reason, c.req.path), 303);
      throw error;
    }
    return await next();
  };
  for (const path of PAGE_PATHS) app.get(path, requireSession);

  app.use('/sign-in', async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
  });
  app.get('/sign-in', (c) => {
    const { reason, next } = c.req.query();
    return c.html(signInPage({ next: ownPath(next), message: reasonText(reason) }));
  });

  app.post(
    '/sign-in',
    limitRate(limits.signIns, limits.windowMs, proxies),
    limitSize('form', FORM_BYTES),
    async (c) => {
      const { key, next } = await c.req.parseBody<{ key?: string; next?: string }>();
      const path = ownPath(next);
      try {
        storeSession(c, await enter(workflowURL, String(key ?? '').trim()), proxies.isSecure(c));
      } catch (error) {
        const { message, status } = explainRefusal(error);
        return c.html(signInPage({ next: path, message, isWrong: true }), status);
      }
      return c.redirect(path, 303);
    },
  );

  app.post('/sign-out', (c) => {
    try {
      signedIn.leave(signedIn.session(c));
    } catch {
      // there is nothing to end
    }
    forgetSession(c);
    return c.redirect(signInPath('signed-out'), 303);
  });
}

function signInPath(reason: string, next = '/'): string {
  return `/sign-in?${new URLSearchParams({ reason, next })}`;
}

/** A path of this server: a link must not lead elsewhere. */
function ownPath(path: unknown): string {
  const url = typeof path === 'string' && path.startsWith('/') ? URL.parse(path, 'http://studio') : null;
  return url?.host === 'studio' ? url.pathname + url.search : '/';
}

/** Whoever has a consumer's key may make a session with it. The key goes to the network alone. */
async function enter(workflowURL: string, apiKey: string): Promise<Session> {
  parseCredentials(apiKey);
  return await openSession(new Heurist({ workflowURL, apiKey }), 'studio');
}

function explainRefusal(error: unknown): { message: string; status: 400 | 401 | 403 | 429 | 503 } {
  if (!HeuristError.isInstance(error)) throw error;
  switch (error.code) {
    case 'invalid_configuration':
      return { message: 'This is not a key: it must have two parts, such as anna#1f2e….', status: 400 };
    case 'unauthorized':
      return { message: 'The network does not know this key, or it was revoked or has expired.', status: 401 };
    case 'forbidden':
      return {
        message: 'This key is not a consumer’s: keys of miners and operators cannot make pictures.',
        status: 403,
      };
    case 'rate_limited':
      return { message: 'Too many sign-ins with this key. Wait a few minutes, then try again.', status: 429 };
    case 'not_found':
      return {
        message: 'This network has no sessions, which signing in needs. Its operator has to update it.',
        status: 503,
      };
    default:
      return { message: 'The network is not responding. Try again in a moment.', status: 503 };
  }
}
