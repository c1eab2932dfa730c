import { HeuristError } from '@heurist/core';
import { type Database, openDatabase } from '@heurist/sequencer';
import { formatBytes } from '../output/format-bytes.ts';
import { type Finding, fail, ok, type Settings, skip, warn } from './finding.ts';

/** How long a message of the database to itself may take. */
const NEWS_MS = 2000;
/** From here on, a few more replicas may find no connection. */
const MANY_CONNECTIONS = 0.8;
const MAX_SKEW_SECONDS = 10;

/** A PostgreSQL: that it answers, can be written, passes news on, and has room and the right time. */
export async function checkDatabase({ database: location, hasDataDir }: Settings): Promise<readonly Finding[]> {
  if (!location) {
    const where = hasDataDir ? 'embedded, in the data folder: its sequencer alone can look at it' : 'set DATABASE_URL';
    return [skip('database', where)];
  }
  if (!/^postgres(ql)?:\/\//i.test(location))
    return [fail('database', 'DATABASE_URL is not a postgres:// address', 'Correct it, or leave it out.')];
  try {
    const database = await openDatabase(location);
    try {
      return await Promise.all([look(database), compareClocks(database), listen(database)]);
    } finally {
      await database.close();
    }
  } catch (error) {
    const { message } = error as Error;
    const advice =
      adviceFor(codeOf(error)) ??
      (HeuristError.isInstance(error) ? 'Check that it runs, and the network to it.' : 'Check DATABASE_URL.');
    // the address may hold a password
    return [fail('database', message.replaceAll(/postgres(ql)?:\/\/\S+/gi, 'postgres://…'), advice)];
  }
}

/** Of PostgreSQL, or of the way there, up to five errors down: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function codeOf(error: unknown): string {
  let each = error as { code?: unknown; cause?: unknown } | undefined;
  for (let depth = 0; each && depth < 5; depth++) {
    if (typeof each.code === 'string' && /^([0-9A-Z]{5}|E[A-Z]+|ERR_\w+)$/.test(each.code)) return each.code;
    each = each.cause as typeof each;
  }
  return '';
}

function adviceFor(code: string): string | undefined {
  if (code.startsWith('28'))
    return 'Check the user name and the password in DATABASE_URL, and pg_hba.conf of the server.';
  if (code === '3D000') return 'Create the database, or correct its name in DATABASE_URL.';
  if (code === 'ERR_INVALID_URL')
    return 'Correct DATABASE_URL: characters such as / and @ in a password must be encoded.';
  return undefined;
}

async function look(database: Database): Promise<Finding> {
  const [row] = await database.query<{
    version: string;
    is_standby: boolean;
    used: number;
    most: number;
    bytes: number;
    fsync: string;
    has_network: boolean;
  }>(`SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS is_standby,
      (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
      current_setting('max_connections')::int AS most, pg_database_size(current_database())::float8 AS bytes,
      current_setting('fsync') AS fsync, to_regclass('heurist.task') IS NOT NULL AS has_network`);
  const { version, is_standby, used, most, bytes, fsync, has_network } = row!;
  const found = `PostgreSQL ${version.split(' ')[0]}, ${formatBytes(bytes)}, ${used} of ${most} connections in use${has_network ? '' : ', no network in it yet'}`;
  if (is_standby) return fail('database', `${found}; it is a standby`, 'Use the address of the primary.');
  if (fsync === 'off')
    return warn('database', `${found}; fsync is off`, 'Switch fsync on: a power failure would lose tasks.');
  if (used > most * MANY_CONNECTIONS)
    return warn('database', found, 'Raise max_connections: each sequencer uses up to eleven.');
  return ok('database', found);
}

async function compareClocks(database: Database): Promise<Finding> {
  const start = Date.now();
  const [row] = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const seconds = ((start + Date.now()) / 2 - row!.now.getTime()) / 1000;
  if (Math.abs(seconds) <= MAX_SKEW_SECONDS)
    return ok('database clock', `${Math.abs(seconds).toFixed(1)} s from this machine`);
  const which = `${Math.round(Math.abs(seconds))} s ${seconds > 0 ? 'behind' : 'ahead of'} this machine`;
  return warn('database clock', which, 'Set both clocks by NTP: sequencers go by the clock of the database.');
}

/** A pooler in transaction mode loses news between replicas, and breaks prepared statements. */
async function listen({ channel }: Database): Promise<Finding> {
  // news without events: sequencers that hear it read past it
  const message = JSON.stringify({ from: crypto.randomUUID(), events: [] });
  const arrived = Promise.withResolvers<boolean>();
  const subscription = await channel!.subscribe(
    (text) => text === message && arrived.resolve(true),
    () => {},
  );
  const timer = setTimeout(() => arrived.resolve(false), NEWS_MS);
  try {
    await channel!.publish(message);
    if (await arrived.promise) return ok('database news', 'LISTEN and NOTIFY work');
    const advice = 'Connect to the server itself, or to a pooler in session mode: transaction mode breaks LISTEN.';
    return fail('database news', `nothing arrived within ${NEWS_MS / 1000} s`, advice);
  } finally {
    clearTimeout(timer);
    await subscription.stop();
  }
}
