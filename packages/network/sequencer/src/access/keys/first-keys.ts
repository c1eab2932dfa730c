import type { Database } from '../../database/database.ts';
import { lockNames } from '../../database/lock-names.ts';
import { createAuditedKey } from '../operators/audit.ts';
import type { KeyRole } from './key-table.ts';

/** One key for each role. */
export type FirstKeys = Record<KeyRole, string>;

const HAD_KEYS = `SELECT EXISTS (SELECT FROM heurist.api_key) OR EXISTS (
    SELECT FROM heurist.setting WHERE name = 'had_keys'
  ) AS had_keys`;

/**
 * Makes the first keys of a network, once: one that has keys, or ever had some, gets none. Else whoever can restart a sequencer whose
 * keys were revoked would be its operator.
 *
 * @param save - keeps them; if it fails, there are none
 * @returns `undefined` if the network has had keys
 */
export async function createFirstKeys(
  database: Database,
  owner: string,
  save: (keys: FirstKeys) => void,
): Promise<FirstKeys | undefined> {
  return await database.transaction(async (sql) => {
    await lockNames(sql, ['first keys']);
    const [row] = await sql.query<{ had_keys: boolean }>(HAD_KEYS);
    await sql.query(`INSERT INTO heurist.setting (name, value) VALUES ('had_keys', 'yes') ON CONFLICT DO NOTHING`);
    if (row?.had_keys) return undefined;
    const made = {
      consumer: await createAuditedKey(sql, 'consumer', owner),
      miner: await createAuditedKey(sql, 'miner', owner),
      operator: await createAuditedKey(sql, 'operator', owner),
    };
    save(made);
    return made;
  });
}
