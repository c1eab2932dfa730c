import { beforeAll, describe, expect, test } from 'vitest';
import { Keys } from '../../src/access/keys/keys.ts';
import { Audit } from '../../src/access/operators/audit.ts';
import { network } from './shared.ts';

/** What operators did. */
export function testAudit(): void {
  describe('the audit log', () => {
    let operator: string;
    beforeAll(async () => {
      operator = await network.sequencer.createKey('operator', 'auditor');
    });
    const as = (name: string, body: object = {}, key = operator) => network.call(name, body, key);
    const list = async (filter: object = {}) => (await as('audit_list', filter)).json;
    const idOf = async (owner: string) =>
      (await as('key_list')).json.keys.find((key: { owner: string }) => key.owner === owner).key_id;

    test('has every action of an operator, what it was done to and how it went, and no secret', async () => {
      const own = await idOf('auditor');
      const secrets = [operator];
      const expires_at = '2100-01-01T00:00:00Z';
      const made = (await as('key_create', { role: 'consumer', owner: 'watched', expires_at })).json;
      const { key_id } = made;
      await as('key_limit', { role: 'consumer', owner: 'watched', limits: { streams: 3 } });
      await as('key_change', { key_id, limits: { open_tasks: 5 }, expires_at: null });
      const rotated = (await as('key_rotate', { key_id, overlap_seconds: 60 })).json;
      secrets.push(made.key, rotated.key);
      const session = (await network.call('session_create', { task_types: ['echo'] }, rotated.key)).json;
      await as('session_revoke', { session_id: session.session_id });
      await as('key_revoke', { key_id: rotated.key_id });
      await as('key_revoke', { key_id: rotated.key_id });
      await as('key_limit', { role: 'consumer', owner: 'watched', limits: { leases: 1 } });
      const { entries } = await list({ actor: 'auditor' });
      const found = entries.map(({ action, target, outcome }: Record<string, unknown>) => [action, target, outcome]);
      const target = { key_id: rotated.key_id };
      expect(found.toReversed()).toEqual([
        ['key_create', { role: 'consumer', owner: 'watched', expires_at, key_id }, 'ok'],
        ['key_limit', { role: 'consumer', owner: 'watched', limits: { streams: 3 } }, 'ok'],
        ['key_change', { key_id, limits: { open_tasks: 5 }, expires_at: null }, 'ok'],
        ['key_rotate', { key_id, overlap_seconds: 60, new_key_id: rotated.key_id }, 'ok'],
        ['session_revoke', { session_id: session.session_id }, 'ok'],
        ['key_revoke', target, 'ok'],
        ['key_revoke', target, 'not_found'],
        ['key_limit', { role: 'consumer', owner: 'watched', limits: { leases: 1 } }, 'invalid_request'],
      ]);
      for (const entry of entries)
        expect(entry).toMatchObject({ key_id: own, actor: 'auditor', at: expect.stringMatching(/^20.*Z$/) });
      const text = JSON.stringify(await network.database.query('SELECT * FROM heurist.audit'));
      for (const secret of [...secrets, session.session_token]) expect(text).not.toContain(secret.split('#')[1]);
    });

    test('has what a process did on the database without a key', async () => {
      const { entries } = await list({ action: 'key_create' });
      expect(entries.at(-1)).toMatchObject({
        actor: expect.stringMatching(/^process:./),
        key_id: null,
        target: { role: 'consumer', owner: 'acme', key_id: expect.any(String) },
        outcome: 'ok',
      });
    });

    test('is read by time, actor and action, in pages', async () => {
      const all = (await list({ limit: 1000 })).entries;
      const ids = all.map(({ audit_id }: { audit_id: number }) => audit_id);
      expect(ids).toEqual(ids.toSorted((a: number, b: number) => b - a));
      const pages: number[] = [];
      for (let before: number | undefined; ; ) {
        const page = await list({ limit: 3, before });
        expect(page.entries.length).toBeLessThanOrEqual(3);
        pages.push(...page.entries.map(({ audit_id }: { audit_id: number }) => audit_id));
        if (page.next === undefined) break;
        before = page.next;
      }
      expect(pages).toEqual(ids);
      const [newest] = all;
      expect((await list({ since: newest.at, until: '2100-01-01' })).entries.length).toBeGreaterThan(0);
      expect((await list({ until: '2001-01-01' })).entries).toEqual([]);
      expect((await list({ since: '2100-01-01' })).entries).toEqual([]);
      expect((await list({ actor: 'nobody' })).entries).toEqual([]);
      const revoked = (await list({ action: 'key_revoke', actor: 'auditor' })).entries;
      expect(revoked.map(({ action }: { action: string }) => action)).toEqual(['key_revoke', 'key_revoke']);
      for (const bad of [
        { limit: 0 },
        { limit: 1001 },
        { since: 'yesterday' },
        { since: '2027-13-01' },
        { before: -1 },
      ])
        expect((await as('audit_list', bad)).status).toBe(400);
    });

    test('what cannot be written down does not happen', async () => {
      await network.database.query('ALTER TABLE heurist.audit RENAME TO audit_away');
      const { status } = await as('key_create', { role: 'consumer', owner: 'unseen' });
      await network.database.query('ALTER TABLE heurist.audit_away RENAME TO audit');
      expect(status).toBe(500);
      const { keys } = (await as('key_list')).json;
      expect(keys.map(({ owner }: { owner: string }) => owner)).not.toContain('unseen');
    });

    test('is forgotten after its days, and kept for ever with 0', async () => {
      const { database } = network;
      const old = () => database.query(`SELECT 1 FROM heurist.audit WHERE actor = 'old'`);
      await database.query(
        `INSERT INTO heurist.audit (at, actor, action, target, outcome)
         SELECT now() - interval '8 days', 'old', 'x', '{}', 'ok' FROM generate_series(1, 1001)`,
      );
      const keys = new Keys(database);
      for (const days of [0, 9]) await new Audit(database, keys, days).sweep();
      expect(await old()).toHaveLength(1001);
      await new Audit(database, keys, 7).sweep();
      expect(await old()).toHaveLength(0);
      expect((await list()).entries.length).toBeGreaterThan(0);
      // other tests count operators
      await database.query(`DELETE FROM heurist.api_key WHERE owner = 'auditor'`);
    });
  });
}
