import { HeuristError } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import { closeBodyOfHead } from '@heurist/server-kit/answer-head';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { TooManyTasks } from '../tasks/task-quota.ts';
import { addArtifactRoutes } from './artifact-routes.ts';
import { addConsumerRoutes } from './consumer-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addMetricsRoute } from './metrics.ts';
import { addMinerRoutes } from './miner-routes.ts';
import { addDocumentRoutes } from './openapi.ts';
import { addOperatorRoutes } from './operator-routes.ts';
import type { SequencerServices } from './services.ts';

/** Size limit of JSON bodies, including previews in heartbeats. Files have their own URLs. */
const MAX_JSON_BYTES = 1_000_000;

/** Every route of the sequencer. */
export function createApp(services: SequencerServices): Hono {
  const app = new Hono();
  app.use(closeBodyOfHead);
  limitBodies(app);
  addHealthRoutes(app, services);
  addConsumerRoutes(app, services);
  addMinerRoutes(app, services);
  addOperatorRoutes(app, services);
  addMetricsRoute(app, services);
  addArtifactRoutes(app, services);
  addDocumentRoutes(app, services.workflows);
  answerErrors(app, services);
  return app;
}

function limitBodies(app: Hono): void {
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: async (c) => {
      // many clients see a response before the end of their request as a broken connection
      await discard(c.req.raw.body, 10 * MAX_JSON_BYTES);
      throw new HeuristError(`The request is larger than ${MAX_JSON_BYTES} bytes. Upload files instead.`, {
        code: 'payload_too_large',
      });
    },
  });
  // HTTP itself enforces a declared length; counting would cost a tenth of a whole task
  const isShort = (c: Context) => Number(c.req.header('content-length') ?? Number.NaN) <= MAX_JSON_BYTES;
  app.use((c, next) => (c.req.method === 'POST' && !isShort(c) ? limit(c, next) : next()));
}

/** Reads a body to its end, up to `maxBytes`. */
async function discard(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<void> {
  let read = 0;
  for await (const chunk of body ?? []) {
    read += chunk.length;
    if (read > maxBytes) return;
  }
}

function answerErrors(app: Hono, { logger }: SequencerServices): void {
  app.notFound((c) => {
    const message = `There is no call ${c.req.method} ${c.req.path}. See /docs for all calls.`;
    return c.json({ code: 'not_found', message }, 404);
  });
  app.onError((error, c) => {
    if (!HeuristError.isInstance(error)) {
      logger.error('request failed', { path: c.req.path, message: error.message });
      return c.json({ code: 'internal', message: 'The sequencer failed. Try again.' }, 500);
    }
    const { code, message, task_id } = error;
    if (error instanceof TooManyTasks) c.header('retry-after', `${error.retryAfterSeconds}`);
    const status = errorCodes[code as keyof typeof errorCodes]?.status ?? 500;
    return c.json({ code, message, ...(task_id && { task_id }) }, status);
  });
}
