import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { AwsClient } from 'aws4fetch';
import { checkArrival, createMeasure, type DirectStore, type MeasuredFile } from './artifact-store.ts';

/** Settings of an S3-compatible storage: AWS, Cloudflare R2, MinIO, Garage, SeaweedFS, … */
export interface S3Options {
  /** Such as `https://s3.eu-central-1.amazonaws.com`. Buckets are addressed by path. */
  endpoint: string;
  /** Where miners and consumers reach it. Default: `endpoint`. */
  publicEndpoint?: string | undefined;
  /** Default `us-east-1`, which storages without regions accept. */
  region?: string | undefined;
  bucket: string;
  /** Goes before every key, such as `heurist/`. Default: none. */
  prefix?: string | undefined;
  accessKeyId: string;
  secretAccessKey: string;
}

/** How long presigned URLs are valid, in seconds: callers follow a fresh one at once. */
const READ_SECONDS = 3600;
const WRITE_SECONDS = 3600;
/** Default time limit of one request to the storage. */
const TIMEOUT_MS = 30_000;

/**
 * Keeps artifacts in an S3-compatible storage. Files go there and come from there directly, by presigned URLs:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function createS3Store(
  options: S3Options,
  { timeoutMs = TIMEOUT_MS, clock: machine = systemClock }: { timeoutMs?: number; clock?: Pick<Clock, 'now'> } = {},
): DirectStore {
  let clock = machine;
  const { presign, send } = createS3Client(options, timeoutMs, () => clock.now());
  return {
    isDirect: true,
    origin: new URL(options.publicEndpoint ?? options.endpoint).origin,
    useClock(shared) {
      clock = shared;
    },
    async uploadSlot(artifact_id, { bytes, sha256 }) {
      // the storage itself refuses a body of another length, and, if it supports checksums, one with another checksum
      const sum = checksumOf(sha256);
      const headers = { 'content-length': `${bytes}`, ...sum };
      return { url: await presign('PUT', artifact_id, { seconds: WRITE_SECONDS, headers }), headers: sum };
    },
    async write(artifact_id, bytes, { sha256 }) {
      const { ok, body } = await send('PUT', artifact_id, checksumOf(sha256), bytes);
      await body?.cancel();
      if (!ok) throw storageError('has no such bucket');
    },
    async downloadUrl(artifact_id, { content_type, disposition }) {
      const query = { 'response-content-type': content_type, 'response-content-disposition': disposition };
      return await presign('GET', artifact_id, { seconds: READ_SECONDS, query });
    },
    async confirm(artifact_id, expected) {
      const head = await send('HEAD', artifact_id, { 'x-amz-checksum-mode': 'ENABLED' });
      if (head.status === 404) return undefined;
      const bytes = Number(head.headers.get('content-length'));
      const sum = head.headers.get('x-amz-checksum-sha256');
      // a storage without checksums has not checked the content
      if (!sum) return checkArrival(await measure(await send('GET', artifact_id)), expected);
      const { start } = await measure(await send('GET', artifact_id, bytes ? { range: 'bytes=0-63' } : {}));
      return checkArrival({ bytes, sha256: Buffer.from(sum, 'base64').toString('hex'), start }, expected);
    },
    async check() {
      await send('HEAD', 'check');
    },
    async sizeOf(artifact_id) {
      const head = await send('HEAD', artifact_id);
      return head.status === 404 ? undefined : Number(head.headers.get('content-length'));
    },
    async delete(artifact_id) {
      await (await send('DELETE', artifact_id)).body?.cancel();
    },
  };
}

/** Has the storage refuse a body with another checksum, if it supports checksums. */
const checksumOf = (sha256: string | undefined): Record<string, string> =>
  sha256 ? { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') } : {};

const storageError = (what: string, cause?: Error) =>
  new HeuristError(`The file storage ${what}. Try again later.`, { code: 'unavailable', cause });

interface PresignOptions {
  seconds: number;
  headers?: Record<string, string>;
  query?: Record<string, string>;
}

/** Signed requests to a bucket, and signed URLs for others. */
function createS3Client(options: S3Options, timeoutMs: number, now: () => number) {
  const { endpoint, publicEndpoint = endpoint, region = 'us-east-1', bucket, prefix = '' } = options;
  const { accessKeyId, secretAccessKey } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 3 });
  const urlOf = (base: string, artifact_id: string) =>
    new URL(`${base.replace(/\/*$/, '')}/${bucket}/${prefix}${artifact_id}`);
  const datetime = () => new Date(now()).toISOString().replaceAll(/[:-]|\.\d+/g, '');
  return {
    async presign(method: 'GET' | 'PUT', artifact_id: string, { seconds, headers = {}, query = {} }: PresignOptions) {
      const url = urlOf(publicEndpoint, artifact_id);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      url.searchParams.set('X-Amz-Expires', `${seconds}`);
      const aws = { signQuery: true, allHeaders: true, datetime: datetime() };
      const signed = await client.sign(url.href, { method, headers, aws });
      return signed.url;
    },
    /** @throws {HeuristError} `unavailable`, but not for a file that does not exist */
    async send(
      method: 'HEAD' | 'GET' | 'PUT' | 'DELETE',
      artifact_id: string,
      headers: Record<string, string> = {},
      body?: Uint8Array<ArrayBuffer>,
    ) {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await client
        .fetch(urlOf(endpoint, artifact_id).href, {
          method,
          headers,
          signal,
          ...(body && { body }),
          aws: { datetime: datetime() },
        })
        .catch((cause: Error) => {
          throw storageError('does not answer', cause);
        });
      if (response.ok || response.status === 404) return response;
      await response.body?.cancel();
      throw storageError(`answered ${response.status}`);
    },
  };
}

async function measure(response: Response): Promise<MeasuredFile> {
  const passing = createMeasure();
  for await (const chunk of response.body ?? []) passing.add(chunk);
  return passing.result();
}

/**
 * Reads a location such as `s3://bucket/prefix` and the usual environment variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_REGION`, `S3_ENDPOINT` and `S3_PUBLIC_ENDPOINT`.
 *
 * @throws {HeuristError} `invalid_configuration`, naming what is missing
 */
export function readS3Options(location: string, env: Record<string, string | undefined>): S3Options {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region } = env;
  if (!bucket || !accessKeyId || !secretAccessKey)
    throw new HeuristError(
      `To keep files in ${location}, pass a location such as s3://bucket/prefix, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
      { code: 'invalid_configuration' },
    );
  const [endpoint, publicEndpoint] = [endpointIn('S3_ENDPOINT', env), endpointIn('S3_PUBLIC_ENDPOINT', env)];
  return {
    endpoint: endpoint ?? `https://s3.${region || 'us-east-1'}.amazonaws.com`,
    publicEndpoint,
    region: region || undefined,
    bucket,
    prefix: prefix && `${prefix.replace(/\/*$/, '')}/`,
    accessKeyId,
    secretAccessKey,
  };
}

/** An address from the environment; an empty one counts as none. */
function endpointIn(name: string, env: Record<string, string | undefined>): string | undefined {
  const text = env[name];
  if (!text) return undefined;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) return text;
  throw new HeuristError(
    `${name} "${hideCredentials(text)}" is not the address of a storage: use one such as https://s3.example.com, without a user name, a query and a fragment. Its keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    { code: 'invalid_configuration' },
  );
}
