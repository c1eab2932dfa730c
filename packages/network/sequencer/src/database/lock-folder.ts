import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HeuristError } from '@heurist/core';

/** Held open and locked for the life of the process. It stays empty, so a full disk does not matter. */
const LOCK_FILE = 'lock.sqlite';
/** Says who holds the lock, for the error that others see. Versions before 2026-11-28 took this file for the lock itself. */
const OWNER_FILE = 'sequencer.lock';
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** A file that is collected as garbage is closed, and its lock is gone. */
const held = new Set<object>();

/**
 * Locks a data folder: PGlite itself lets two processes open one folder, and then loses what they write.
 *
 * The lock belongs to the operating system (SQLite's exclusive transaction holds it): it ends with the process, however that
 * ends, and holds between containers, where process ids mean nothing.
 *
 * @returns releases the lock
 * @throws {HeuristError} `invalid_configuration` if another process has the folder, or nothing can be written there
 */
export function lockFolder(folder: string): () => void {
  const ownerPath = join(folder, OWNER_FILE);
  const unlock = takeLock(folder, ownerPath);
  try {
    refuseOlderVersion(folder, ownerPath);
  } catch (error) {
    unlock();
    throw error;
  }
  tryNote(() => writeFileSync(ownerPath, `process ${process.pid} on ${hostname()}\n`));
  return () => {
    tryNote(() => rmSync(ownerPath, { force: true }));
    unlock();
  };
}

function takeLock(folder: string, ownerPath: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    const { DatabaseSync } = importSqlite();
    const file = new DatabaseSync(join(folder, LOCK_FILE));
    try {
      file.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      file.close();
      throw error;
    }
    held.add(file);
    return () => {
      held.delete(file);
      file.close();
    };
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY)
      throw inUse(folder, `by ${readOwner(ownerPath)}`, cause);
    throw invalid(
      `The data folder ${folder} cannot be locked (${(cause as Error).message}). Check that it can be written and that its disk has space.`,
      cause,
    );
  }
}

/** Without the warning of Node 22 that it is experimental: a user of the command can do nothing about that. */
function importSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A version before this lock wrote its process id, and nothing else. */
function refuseOlderVersion(folder: string, ownerPath: string): void {
  const pid = Number(/^(\d+)\n$/.exec(readText(ownerPath))?.[1] ?? 0);
  if (pid > 0 && pid !== process.pid && isAlive(pid))
    throw inUse(folder, `by process ${pid}`, undefined, ` If that is not a sequencer, delete ${ownerPath}.`);
}

/** The lock holds without the note, which a full or failing disk may refuse. */
function tryNote(change: () => void): void {
  try {
    change();
  } catch {}
}

function readOwner(ownerPath: string): string {
  return readText(ownerPath).trim() || 'another process';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, byWhom: string, cause?: unknown, more = ''): HeuristError {
  return invalid(
    `The data folder ${folder} is in use ${byWhom}. Stop that process, or choose another folder.${more}`,
    cause,
  );
}

const invalid = (message: string, cause: unknown) =>
  new HeuristError(message, { code: 'invalid_configuration', cause });
