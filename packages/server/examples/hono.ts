// Hono on Node: `node hono.ts`.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { handler } from './handler.ts';

const app = new Hono();
app.all('/api/heurist/*', (c) => handler(c.req.raw));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
