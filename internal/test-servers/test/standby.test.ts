import { expect, test } from 'vitest';
import { openClient, startPostgres } from '../src/postgres.ts';
import { startStandby } from '../src/standby.ts';

test('a standby has what its primary has acknowledged, takes over when that is killed, and can be followed itself', async () => {
  const first = await startPostgres();
  const writer = await openClient(first.port);
  await writer.query('CREATE TABLE written (number int)');
  const second = await startStandby(first);
  let written = 0;
  const writing = (async () => {
    for (;;) await writer.query('INSERT INTO written VALUES ($1)', [++written]);
  })().catch(() => written--);
  await expect.poll(() => written, { timeout: 30_000 }).toBeGreaterThan(20);
  await first.kill();
  await writing;
  await second.promote();
  const third = await startStandby(second);
  await second.kill();
  await third.promote();
  const reader = await openClient(third.port);
  const { rows } = await reader.query('SELECT count(*)::int AS count FROM written');
  expect(rows[0].count).toBeGreaterThanOrEqual(written);
  await reader.query('INSERT INTO written VALUES (0)');
  await reader.end();
  await Promise.all([first, second, third].map((server) => server.stop()));
}, 120_000);
