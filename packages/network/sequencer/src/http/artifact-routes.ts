import { HeuristError } from '@heurist/core';
import type { Context, Hono } from 'hono';
import { dispositionOf } from '../files/artifacts.ts';
import type { SequencerServices } from './services.ts';

/** Files in and out. The signed URL is the permission: no key is needed. */
export function addArtifactRoutes(app: Hono, services: SequencerServices): void {
  app.get('/artifacts/:id', (c) => sendFile(c, services));
  app.put('/artifacts/:id', (c) => receiveFile(c, services));
}

async function sendFile(c: Context, { artifacts }: SequencerServices): Promise<Response> {
  const { id } = c.req.param() as { id: string };
  const { expires = '', signature = '' } = c.req.query();
  artifacts.checkUrl(id, 'read', expires, signature);
  const artifact = await artifacts.get(id);
  if (!(await artifacts.confirmStored(artifact)))
    throw new HeuristError('This file was declared, but has not been uploaded.', { code: 'not_found' });
  const { description } = artifact;
  c.header('access-control-allow-origin', '*');
  const headers = {
    'content-type': description.content_type,
    'content-length': `${description.bytes}`,
    'content-disposition': dispositionOf(id, description),
    // a stranger's upload must not run as a page of this server
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=3600',
  };
  // the body of a HEAD is dropped: nothing may be opened for it
  if (c.req.method === 'HEAD') {
    await artifacts.checkWhole(artifact);
    return c.body(null, 200, headers);
  }
  const found = await artifacts.read(artifact);
  return found instanceof URL ? c.redirect(found.href, 302) : c.body(found, 200, headers);
}

async function receiveFile(c: Context, { artifacts }: SequencerServices): Promise<Response> {
  const { id } = c.req.param() as { id: string };
  const { expires = '', signature = '' } = c.req.query();
  artifacts.checkUrl(id, 'write', expires, signature);
  if (!c.req.raw.body)
    throw new HeuristError('The request has no body. Send the bytes of the file.', { code: 'invalid_request' });
  await artifacts.write(id, c.req.raw.body);
  return c.json({ artifact_id: id });
}
