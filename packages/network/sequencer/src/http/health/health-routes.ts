import type { Context, Hono } from 'hono';
import { createReadiness, DATABASE_SILENT, type HealthServices, reasonAgainst, within } from './readiness.ts';

/**
 * Whether this process is alive (`/livez`), whether it and its database work (`/healthz`), and whether it can take tasks and files
 * (`/readyz`). No key is needed.
 */
export function addHealthRoutes(app: Hono, services: HealthServices): void {
  const { database, clock, writeProbe, warnSeldom } = services;
  const check = createReadiness(services);
  const checkServer = async (c: Context) => {
    await within(clock, database.query('SELECT 1'), DATABASE_SILENT);
    return c.json({ status: 'ok' });
  };
  app.get('/livez', (c) => c.json({ status: 'alive' }));
  app.get('/healthz', checkServer);
  // what HAProxy asks if nothing else is set
  app.use('/', (c, next) => (c.req.method === 'OPTIONS' ? checkServer(c) : next()));
  app.get('/readyz', async (c) => {
    const checks = await check();
    const message = reasonAgainst(checks);
    if (message === undefined) return c.json({ status: 'ready', checks });
    if (!checks.database.ok) writeProbe.doubt();
    warnSeldom(`not ready: ${message}`, 'not ready', { message });
    return c.json({ status: 'not_ready', code: 'unavailable', message, checks }, 503);
  });
}
