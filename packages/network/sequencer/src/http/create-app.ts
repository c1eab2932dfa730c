import { HeuristError } from '@heurist/core';
import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { requireKnownHost } from '@heurist/server-kit/known-host';
import { limitBody } from '@heurist/server-kit/limit-body';
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import type { NetworkLimits } from '../access/limits/limits.ts';
import { addArtifactRoutes } from './artifact-routes.ts';
import { limitAddress } from './authenticate.ts';
import { addConsumerRoutes } from './consumer-routes.ts';
import { addCors } from './cors.ts';
import { addDocumentRoutes } from './document/openapi.ts';
import { createErrorReplies, type ErrorReplies } from './error-reply.ts';
import { addHealthRoutes } from './health/health-routes.ts';
import { addLegacyUploadRoute } from './legacy/upload-route.ts';
import { prefixOf, remoteOf, withoutPrefix } from './link-base.ts';
import { addMinerRoutes } from './miner-routes.ts';
import { countRequests, routeOf } from './observe/count-requests.ts';
import { leaveUntraced } from './observe/leave-untraced.ts';
import { addMetricsRoute } from './observe/metrics.ts';
import { addOperatorRoutes } from './operator-routes.ts';
import { agreeOnProtocol } from './protocol-version.ts';
import { checkKeyFirst } from './read-request.ts';
import type { SequencerServices } from './services.ts';

/** Every route of the sequencer. */
export function createApp(services: SequencerServices): Hono {
  const prefix = prefixOf(services.publicUrl);
  const app = new Hono({ getPath: (request) => withoutPrefix(getPath(request), prefix) });
  app.use(countRequests(services.counters));
  app.use(leaveUntraced);
  app.use(closeBodyOfHead);
  addCors(app, services.corsOrigins);
  app.use(agreeOnProtocol);
  addLegacyUploadRoute(app, services);
  limitBodies(app, services.limits);
  app.use(async (c, next) => {
    if (c.req.method === 'POST') await checkKeyFirst(c, services);
    await next();
  });
  const requireOwnName = requireKnownHost(namesOf(services), refuseHost);
  // which names lead to a proxy of ours, that proxy knows
  for (const path of ['/docs', '/openapi.json'])
    app.use(path, (c, next) => (services.addresses.asked(remoteOf(c)).host ? next() : requireOwnName(c, next)));
  for (const path of ['/artifacts/:id', '/docs', '/openapi.json'])
    app.use(path, (c, next) => limitAddress(c, services, next));
  addHealthRoutes(app, services);
  const describeError = createErrorReplies(services);
  addConsumerRoutes(app, services, describeError);
  addMinerRoutes(app, services, describeError);
  addOperatorRoutes(app, services);
  addMetricsRoute(app, services);
  addArtifactRoutes(app, services);
  addDocumentRoutes(app, services);
  answerErrors(app, describeError);
  return app;
}

/** Names under which pages without a key are shown, beside addresses and `localhost`. */
function namesOf({ publicUrl }: SequencerServices): string[] {
  const name = URL.parse(publicUrl ?? '')?.hostname;
  return name ? [name] : [];
}

/** @throws {HeuristError} `forbidden` */
function refuseHost(host: string): never {
  throw new HeuristError(
    `${host} is not a name of this server. Use its address, or start it with this name as its public URL.`,
    { code: 'forbidden' },
  );
}

/** Of JSON, previews in heartbeats included. Files have their own URLs. */
function limitBodies(app: Hono, { jsonBytes }: NetworkLimits): void {
  const limit = limitBody(jsonBytes, () => {
    throw new HeuristError(`The request is larger than ${jsonBytes} bytes. Upload files instead.`, {
      code: 'payload_too_large',
    });
  });
  app.use((c, next) => (c.req.method === 'POST' ? limit(c, next) : next()));
}

function answerErrors(app: Hono, describeError: ErrorReplies): void {
  app.notFound((c) => {
    const message = `There is no call ${c.req.method} ${c.req.path}. See /docs for all calls.`;
    return c.json({ code: 'not_found', message }, 404);
  });
  app.onError((error, c) => {
    const { status, body, retryAfterSeconds } = describeError(error, routeOf(c) ?? 'other');
    if (retryAfterSeconds !== undefined) c.header('retry-after', `${retryAfterSeconds}`);
    return c.json(body, status);
  });
}
