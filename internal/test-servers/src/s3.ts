// An S3-compatible storage for tests. `S3_TEST_ENDPOINT` names another one, whose account is the same and whose buckets
// are made here too: so the tests can be run against any real server.
/// <reference path="./s3rver.d.ts" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

/** The account of every storage that runs for tests. */
export const testAccount = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** A storage, and how to end it. */
export interface TestStorage {
  endpoint: string;
  /** Where it keeps its files, if it runs here. */
  folder?: string;
  stop(): Promise<void>;
}

/** Starts a storage with a bucket on a free port. */
export async function startS3(bucket: string): Promise<TestStorage> {
  const given = process.env.S3_TEST_ENDPOINT;
  if (given) return { endpoint: given, stop: async () => {} };
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
    folder: directory,
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
