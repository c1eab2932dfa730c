import { HeuristError } from '@heurist/core';
import type { Hono } from 'hono';
import type { Services } from './context.ts';

/** Files in and out. The signed address is the permission: no key goes along. */
export function addArtifactRoutes(app: Hono, { artifacts }: Services): void {
  app.get('/artifacts/:id', async (c) => {
    const { id } = c.req.param();
    const { expires = '', signature = '' } = c.req.query();
    artifacts.checkAddress(id, 'read', expires, signature);
    const { description, stored_at } = await artifacts.get(id);
    if (!stored_at) throw new HeuristError('This file was announced but never arrived.', { code: 'not_found' });
    const name = (description.filename ?? id).replaceAll(/[^\w.() -]/g, '_');
    return c.body(await artifacts.read(id), 200, {
      'content-type': description.content_type,
      'content-length': `${description.bytes}`,
      'content-disposition': `inline; filename="${name}"`,
      // whatever a stranger uploaded must not run as a page of this server
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      'cache-control': 'private, max-age=3600',
    });
  });

  app.put('/artifacts/:id', async (c) => {
    const { id } = c.req.param();
    const { expires = '', signature = '' } = c.req.query();
    artifacts.checkAddress(id, 'write', expires, signature);
    if (!c.req.raw.body) throw new HeuristError('The request has no body.', { code: 'invalid_request' });
    await artifacts.write(id, c.req.raw.body);
    return c.json({ artifact_id: id });
  });
}
