// How fast a sequencer deletes tasks that ended long ago, each with its file, its webhook and its row.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';

const LOOK_MS = 250;
/** Files that are written at a time. */
const WRITTEN = 500;
const OLD = `ended_at < now() - interval '30 days'`;

/** Gives so many ended tasks a file each, and then an end long ago. */
export async function ageTasks(sql: Database, folder: string, count: number): Promise<void> {
  const files = await sql.exclusively((alone) =>
    alone.query<{ artifact_id: string }>(
      `INSERT INTO heurist.artifact (artifact_id, owner, task_id, attempt, description, stored_at)
       SELECT gen_random_uuid(), 'miner', task_id, 0, '{"content_type":"image/png","bytes":1000}', now()
       FROM heurist.task WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT ${count} RETURNING artifact_id`,
    ),
  );
  const bytes = Buffer.alloc(1000);
  for (let start = 0; start < files.length; start += WRITTEN)
    await Promise.all(
      files.slice(start, start + WRITTEN).map(async ({ artifact_id }) => {
        const own = join(folder, artifact_id.slice(0, 2));
        await mkdir(own, { recursive: true });
        await writeFile(join(own, artifact_id), bytes);
      }),
    );
  await sql.exclusively(async (alone) => {
    await alone.query(
      `UPDATE heurist.task SET ended_at = ended_at - interval '60 days' WHERE task_id IN (
         SELECT task_id FROM heurist.task WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT ${count}
       )`,
    );
  });
}

/** Waits until the sequencer has deleted them. Returns how many it deleted a second. */
export async function watchRetention(sql: Database, whileItDeletes: () => Promise<void>): Promise<number> {
  const countOld = async () =>
    (await sql.query<{ count: number }>(`SELECT count(*)::int AS count FROM heurist.task WHERE ${OLD}`))[0]!.count;
  const all = await countOld();
  let left = all;
  while (left === all) {
    await sleep(LOOK_MS);
    left = await countOld();
  }
  const [first, start] = [left, performance.now()];
  while (left > 0) {
    await whileItDeletes();
    await sleep(LOOK_MS);
    left = await countOld();
  }
  return first / ((performance.now() - start) / 1000);
}
