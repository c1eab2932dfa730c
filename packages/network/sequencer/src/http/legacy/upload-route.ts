import { createHash } from 'node:crypto';
import { HeuristError, sniffMediaType } from '@heurist/core';
import { kindOfMedia, safeFilename } from '@heurist/core/protocol';
import { readBody } from '@heurist/server-kit/read-body';
import type { Context, Hono } from 'hono';
import * as z from 'zod/mini';
import type { Lease } from '../../access/leases/lease-token.ts';
import type { SequencerServices } from '../services.ts';
import { checkUploadSignature, readUploadLease } from './upload-credential.ts';

/** Path of the address that stands in the code of the reference miner. */
const PATH = '/dev/upload-video';

const bodySchema = z.looseObject({
  /** The whole file, in base64. */
  file: z.base64(),
  /** Such as `flux-lora/flux-lora-0x…-<task id>.jpg`. */
  filename: z.string().check(z.minLength(1), z.maxLength(1000)),
});

/** The upload of the reference miner. Its bodies are larger than those of other calls: add it before what limits these. */
export function addLegacyUploadRoute(app: Hono, services: SequencerServices): void {
  if (!services.allowLegacyMiners) return;
  const inFlight = new Set<string>();
  app.post(PATH, async (c) => {
    const lease = readUploadLease((name) => c.req.header(name), services);
    await services.attempts.checkLease(lease);
    checkSize(c, services);
    checkRoom(inFlight, lease, services);
    inFlight.add(lease.task_id);
    try {
      return c.json({ artifact_id: await receive(c, services, lease), message: 'stored' });
    } finally {
      inFlight.delete(lease.task_id);
    }
  });
}

/** @throws {HeuristError} `payload_too_large` */
function checkSize(c: Context, { limits: { legacyUploadBytes } }: SequencerServices): void {
  const length = c.req.header('content-length');
  if (Number(length ?? Number.NaN) <= legacyUploadBytes) return;
  throw new HeuristError(
    `The upload has ${length ?? 'an unknown number of'} bytes, and the limit is ${legacyUploadBytes}. Files of a reference miner travel whole, in base64: make smaller ones, or use a Heurist miner.`,
    { code: 'payload_too_large' },
  );
}

/** Uploads are whole in memory, so they are counted. @throws {HeuristError} `unavailable` or `rate_limited` */
function checkRoom(inFlight: Set<string>, { task_id }: Lease, { limits: { legacyUploads } }: SequencerServices): void {
  if (inFlight.has(task_id))
    throw new HeuristError('Another upload for this task is in flight. Wait for it to end.', { code: 'rate_limited' });
  if (inFlight.size >= legacyUploads)
    throw new HeuristError(`${legacyUploads} uploads of reference miners are in flight. Try again later.`, {
      code: 'unavailable',
    });
}

/** Checks and stores the file. Returns the id of its artifact. */
async function receive(c: Context, services: SequencerServices, lease: Lease): Promise<string> {
  const { artifacts } = services;
  const body = new Uint8Array(await c.req.arrayBuffer());
  checkUploadSignature(c, body, services);
  const { data, problems } = await readBody(c.req, bodySchema, () => undefined, services.limits.problems);
  if (problems) throw new HeuristError(`Invalid request: ${problems.join('; ')}.`, { code: 'invalid_request' });
  const bytes = Buffer.from(data.file, 'base64');
  const content_type = sniffMediaType(bytes.subarray(0, 64));
  if (!content_type)
    throw new HeuristError('The file is not a picture, film or sound that this network knows.', {
      code: 'invalid_request',
    });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const filename = safeFilename(data.filename, content_type);
  const description = { filename, kind: kindOfMedia(content_type), content_type, bytes: bytes.length, sha256 };
  const artifact_id = await artifacts.declare('miner', description, { lease });
  await artifacts.store(artifact_id, bytes);
  return artifact_id;
}
