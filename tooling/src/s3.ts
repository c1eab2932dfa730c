// An S3-compatible storage for tests. `S3_TEST_ENDPOINT` names another one, whose account is the same and whose buckets
// are made here too: so the tests can be run against any real server.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Comes without types. */
type S3rver = new (options: object) => { run(): Promise<{ port: number }>; close(): Promise<void> };

/** The account of every storage that runs for tests. */
export const testAccount = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** A storage, and how to end it. */
export interface TestStorage {
  endpoint: string;
  stop(): Promise<void>;
}

/** Starts a storage with a bucket on a free port. */
export async function startS3(bucket: string): Promise<TestStorage> {
  const given = process.env.S3_TEST_ENDPOINT;
  if (given) return { endpoint: given, stop: async () => {} };
  const S3rver: S3rver = createRequire(import.meta.url)('@20minutes/s3rver');
  const directory = mkdtempSync(join(tmpdir(), 's3-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
