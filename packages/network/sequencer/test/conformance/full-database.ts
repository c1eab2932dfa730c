import { describe, expect, test } from 'vitest';
import { clock, logged, network } from './shared.ts';

/** Postgres's answer when the disk is full, and when another resource is. */
const FULL = ['53100', '53400'];

/** A database that has no space left. */
export function testFullDatabase(): void {
  describe('a database without space', () => {
    test.each(FULL)('%s: calls are refused for now, the log says so once, and then all is well', async (code) => {
      clock.skip(10_000);
      expect((await fetch(`${network.url}/readyz`)).status).toBe(200);
      await network.database.query(
        `CREATE FUNCTION heurist.no_space() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '${code}'; END $$;
         CREATE TRIGGER no_space BEFORE INSERT ON heurist.task FOR EACH STATEMENT EXECUTE FUNCTION heurist.no_space()`,
      );
      const before = logged.length;
      expect((await fetch(`${network.url}/readyz`)).status).toBe(200);
      // whoever asks for the first time after ten seconds hears it, without a call that failed
      clock.skip(10_000);
      const ready = await fetch(`${network.url}/readyz`);
      const answers = [await network.create(), await network.create(), await network.create()];
      await network.database.query('DROP FUNCTION heurist.no_space() CASCADE');
      const what = code === FULL[0] ? 'The disk of the database is full' : 'The database cannot serve this now';
      for (const { status, json } of answers)
        expect([status, json]).toEqual([503, { code: 'unavailable', message: expect.stringContaining(what) }]);
      const lines = logged.slice(before).filter((line) => line.startsWith('requests cannot be served'));
      expect(lines).toEqual([expect.stringContaining(what)]);
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { code: 'unavailable', message: expect.stringContaining(what) },
      ]);
      expect((await network.create()).status).toBe(200);
      clock.skip(1000);
      expect((await fetch(`${network.url}/readyz`)).status).toBe(200);
    });
  });
}
