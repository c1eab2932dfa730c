import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { PROTOCOL_VERSION } from '@heurist/core/protocol';
import packageJson from '../../package.json' with { type: 'json' };
import { checkFolder } from '../output/check-folder.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { type Finding, fail, ok, type Settings, skip, warn } from './finding.ts';

/** Versions and the machine itself. */
export async function checkMachine(): Promise<Finding> {
  const { arch, platform, version } = process;
  return ok(
    'versions',
    `heurist ${packageJson.version}, protocol ${PROTOCOL_VERSION}, Node ${version.slice(1)} on ${platform} ${arch}, ${availableParallelism()} cores, ${formatBytes(totalmem())} of memory`,
  );
}

/** The data folder, and the space on its disk. */
export async function checkDataFolder({ dataDir, hasDataDir, minFree }: Settings): Promise<Finding> {
  if (!hasDataDir) return skip('data folder', `no ${dataDir} here, and --data-dir names no other`);
  try {
    checkFolder(dataDir, { flag: '--data-dir', what: 'The network' });
  } catch (error) {
    return fail('data folder', (error as Error).message, 'Choose another one, or let this user write there.');
  }
  return await checkDisk('data folder', dataDir, minFree);
}

/** Below this share of a disk, somebody should look at it. */
const LOW_SHARE = 0.1;

/** The space on the disk of a folder. */
export async function checkDisk(check: string, folder: string, minFree: number): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const message = `${folder} has ${formatBytes(free)} free of ${formatBytes(all)}`;
  const advice =
    'Delete what is not needed, give the disk more space, or keep tasks for fewer days (--retention-days).';
  if (free < minFree) return fail(check, `${message}, less than --min-free ${formatBytes(minFree)}`, advice);
  if (free < all * LOW_SHARE && free < 10 * minFree) return warn(check, message, advice);
  return ok(check, message);
}
