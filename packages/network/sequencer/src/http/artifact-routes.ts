import { HeuristError } from '@heurist/core';
import type { Hono } from 'hono';
import { dispositionOf } from '../files/artifacts.ts';
import type { Services } from './context.ts';

/** Files in and out. The signed address is the permission: no key goes along. */
export function addArtifactRoutes(app: Hono, { artifacts }: Services): void {
  app.get('/artifacts/:id', async (c) => {
    const { id } = c.req.param();
    const { expires = '', signature = '' } = c.req.query();
    artifacts.checkAddress(id, 'read', expires, signature);
    const artifact = await artifacts.get(id);
    if (!(await artifacts.isStored(artifact)))
      throw new HeuristError('This file was announced but never arrived.', { code: 'not_found' });
    const { description } = artifact;
    const found = await artifacts.read(artifact);
    c.header('access-control-allow-origin', '*');
    if (found instanceof URL) return c.redirect(found.href, 302);
    return c.body(found, 200, {
      'content-type': description.content_type,
      'content-length': `${description.bytes}`,
      'content-disposition': dispositionOf(id, description),
      // whatever a stranger uploaded must not run as a page of this server
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
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
