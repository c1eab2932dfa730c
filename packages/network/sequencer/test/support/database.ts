// Databases for tests. initdb and the migrations take seconds in embedded Postgres: they run once for each version of
// them, and every test file then opens a copy of the result.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOnce } from '@heurist/test-servers/data-folder';
import packageJson from '../../package.json' with { type: 'json' };
import type { Database } from '../../src/database/database.ts';
import { openPglite } from '../../src/database/pglite-database.ts';
import { createSchema } from '../../src/database/schema.ts';
import { Dispatch } from '../../src/tasks/dispatch.ts';

/** Workflows that have a queue in every database of this file. */
const workflow_ids = ['echo', 'other'];

const root = join(import.meta.dirname, '../..');

/** A folder with the data of a migrated, empty database, for `openDatabase`. */
export async function createDataFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sequencer-'));
  cpSync(await ensureTemplate(), folder, { recursive: true });
  return folder;
}

/** A migrated, empty database. Its files go when it is closed. */
export async function openTestDatabase(): Promise<Database> {
  const folder = await createDataFolder();
  const database = await openPglite(folder);
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Deletes every row, so that one database serves several tests. */
export async function emptyDatabase(database: Database): Promise<void> {
  await database.query(
    `TRUNCATE heurist.task, heurist.artifact, heurist.api_key, heurist.miner, heurist.webhook, heurist.preview, heurist.line,
       heurist.standing, heurist.track_record, heurist.owner_limit, heurist.replica, heurist.open_request, heurist.stored,
       heurist.named_file, heurist.ended_count, heurist.waiting_count;
     DELETE FROM heurist.setting WHERE name = 'ended_until';
     DELETE FROM pgboss.job`,
  );
}

const ensureTemplate = () =>
  makeOnce(join(root, 'node_modules/.cache/database', versionOf()), async (draft) => {
    const database = await openPglite(draft);
    await createSchema(database);
    const dispatch = new Dispatch(database, 3, () => {});
    await dispatch.start();
    for (const workflow_id of workflow_ids) await dispatch.ensureQueue(workflow_id);
    await dispatch.stop();
    await database.close();
  });

/** Another one for each version of what makes it. */
function versionOf(): string {
  const { dependencies, devDependencies } = packageJson;
  const sources = ['database/schema.ts', 'database/task-functions.ts', 'tasks/dispatch.ts'].map((file) =>
    readFileSync(join(root, 'src', file)),
  );
  return createHash('sha256')
    .update(JSON.stringify({ dependencies, devDependencies }))
    .update(Buffer.concat(sources))
    .digest('hex')
    .slice(0, 16);
}
