import { existsSync } from 'node:fs';
import { createS3Store, readS3Options } from '@heurist/sequencer';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';
import { hideCredentials, hideCredentialsIn } from '@heurist/server-kit/url-credentials';
import { checkFolder } from '../output/check-folder.ts';
import { checkDisk } from './check-machine.ts';
import { type Finding, fail, ok, type Settings, skip } from './finding.ts';
import { troubleOf } from './reach.ts';

const ADVICE =
  'Check the bucket, its endpoint and region, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and their rights.';

/** The storage of files: a folder that can be written, or a bucket in which a file can be put, seen and deleted. */
export async function checkStorage({ artifacts, minFree }: Settings): Promise<Finding> {
  if (!artifacts) return skip('storage', 'in the data folder, or set HEURIST_ARTIFACTS');
  return artifacts.startsWith('s3:') ? await checkBucket(artifacts) : await checkFilesFolder(artifacts, minFree);
}

async function checkFilesFolder(folder: string, minFree: number): Promise<Finding> {
  try {
    checkFolder(folder, { flag: '--artifacts', what: 'Files' });
  } catch (error) {
    return fail('storage', (error as Error).message, 'Choose another one, or let this user write there.');
  }
  if (!existsSync(folder)) return ok('storage', `${folder} can be made`);
  return await checkDisk('storage', folder, minFree);
}

async function checkBucket(location: string): Promise<Finding> {
  const bytes = new TextEncoder().encode('can be written');
  const artifact_id = crypto.randomUUID();
  try {
    const store = createS3Store(readS3Options(location, process.env));
    const start = Date.now();
    await store.write(artifact_id, bytes, { bytes: bytes.length, content_type: 'text/plain' });
    const size = await store.sizeOf(artifact_id);
    await store.delete(artifact_id);
    if (size === bytes.length) return ok('storage', `${location} can be written, in ${Date.now() - start} ms`);
    return fail('storage', `${location} does not have a file that it took a moment ago`, ADVICE);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause ? troubleOf(cause).message : message;
    const advice = authorityAdvice(error) ?? ADVICE;
    return fail('storage', `${hideCredentials(location)}: ${hideCredentialsIn(reason)}`, advice);
  }
}
