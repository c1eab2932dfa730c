// Serves the page, and passes its calls on to the network: the key stays here.
import { Heurist, HeuristError } from '@heurist/core';
import { createHandler } from '@heurist/server';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Each visitor is a user, who sees their own tasks only. Put your own sign-in here. */
const welcome: MiddlewareHandler = async (c, next) => {
  if (!getCookie(c, 'visitor'))
    setCookie(c, 'visitor', crypto.randomUUID(), { httpOnly: true, sameSite: 'Lax', maxAge: 86_400 });
  await next();
};

const handler = createHandler({
  authorize({ headers }) {
    const [, user_id] = /\bvisitor=([\w-]{36})/.exec(headers.get('cookie') ?? '') ?? [];
    return user_id ? { user_id, task_types: ['upscaler'] } : undefined;
  },
});

const app = new Hono();
app.all('/api/heurist/*', (c) => handler(c.req.raw));
app.use(welcome, serveStatic({ root: './dist' }));
app.onError((error, c) => {
  // such as a key that was revoked: for you to mend, and nothing that a visitor could do
  console.error(error.message);
  return c.json({ code: 'forbidden', message: 'This app is out of order. We have been told.' }, 403);
});

try {
  // a wrong key, or a network that is away, shows here
  await new Heurist().workflow.networkStatus({ timeout: 5000 });
  const port = Number(process.env.PORT ?? 3000);
  serve({ fetch: app.fetch, port }, () => console.log(`Open http://127.0.0.1:${port}`));
} catch (error) {
  if (!HeuristError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
