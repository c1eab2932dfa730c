import { HeuristError } from '@heurist/core';
import pg from 'pg';

const READ_ONLY = '25006';
const DISK_FULL = '53100';
const LOCK_NOT_AVAILABLE = '55P03';
/** Of a standby asked for a table that only the primary has, and of a prepared statement whose table has changed. */
const NOT_HERE = '0A000';
/** Classes and codes of errors that pass: connections, resources, cancelled by a limit, locks and deadlocks, shutdown and start. */
const PASSING = /^(08|40|53|57014|57P0|55P03|0A000)/;

/**
 * An error of the database for callers: what passes is `unavailable`, so that they try again. Mistakes in statements and data
 * stay as they are.
 */
export function describeFailure(error: unknown): unknown {
  if (error instanceof TypeError || error instanceof HeuristError) return error;
  if (!(error instanceof pg.DatabaseError)) return unavailable('The database does not answer', error);
  if (error.code === READ_ONLY) return unavailable('The database server is read-only: a standby?', error);
  if (error.code === DISK_FULL) return diskFull(error);
  return PASSING.test(error.code ?? '') ? unavailable('The database cannot serve this now', error) : error;
}

/** Whether a lock was not granted in time. */
export function isLockTimeout(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? error) as { code?: string };
  return code === LOCK_NOT_AVAILABLE;
}

/** Numbers of WASI: errors of PGlite's file system have no message, and numbers that differ from the operating system's. */
const FILE_ERRORS: Record<number, string> = {
  2: 'EACCES',
  19: 'EDQUOT',
  20: 'EEXIST',
  29: 'EIO',
  31: 'EISDIR',
  33: 'EMFILE',
  41: 'ENFILE',
  44: 'ENOENT',
  48: 'ENOMEM',
  51: 'ENOSPC',
  54: 'ENOTDIR',
  63: 'EPERM',
  69: 'EROFS',
};

/** What an error of PGlite says: a message, or a number of its file system. */
function reasonOf(error: unknown): string {
  const { message, errno } = error as { message?: string; errno?: number };
  return message || FILE_ERRORS[errno ?? -1] || (errno === undefined ? 'no reason given' : `error ${errno}`);
}

/** An error at the start of the embedded database. */
export function describeOpening(folder: string | undefined, cause: unknown): HeuristError {
  const where = folder === undefined ? 'The embedded database' : `The database in ${folder}`;
  return new HeuristError(
    `${where} cannot be opened (${reasonOf(cause)}). Check that the folder can be written and that its disk has space.`,
    { code: 'invalid_configuration', cause },
  );
}

/** The same for the embedded database, which is neither away nor a standby: a lack of resources passes. */
export function describeEmbedded(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (!message)
    return new HeuristError(`The database cannot use its disk (${reasonOf(error)}). Try again.`, {
      code: 'unavailable',
      isRetryable: true,
      cause: error,
    });
  if (code === DISK_FULL) return diskFull(error);
  return code?.startsWith('53') ? unavailable('The database cannot serve this now', error) : error;
}

const diskFull = (cause: unknown) =>
  unavailable('The disk of the database is full: nothing is recorded until the operator frees space', cause);

/** Whether a connection, or all of its age, may be good for nothing although nobody has closed it. */
export function isSuspicious(error: unknown): boolean {
  return error instanceof pg.DatabaseError
    ? [READ_ONLY, NOT_HERE].includes(error.code ?? '')
    : !(error instanceof TypeError);
}

/** Without the address, which may hold a password. */
function unavailable(what: string, cause: unknown): HeuristError {
  const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  const end = what.endsWith('?') ? what : `${what} (${reason}).`;
  return new HeuristError(`${end} Try again.`, { code: 'unavailable', isRetryable: true, cause });
}
