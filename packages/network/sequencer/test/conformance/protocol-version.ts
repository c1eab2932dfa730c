import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Versions of the wire. */
export function testProtocolVersion(): void {
  describe('the version of the protocol', () => {
    async function call(version?: string, name = 'network_status') {
      const response = await fetch(`${network.url}/${name}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${network.consumer}`,
          ...(version !== undefined && { 'heurist-protocol': version }),
        },
        body: '{}',
      });
      // biome-ignore lint/suspicious/noExplicitAny: replies of any form
      const json = (await response.json()) as any;
      return {
        status: response.status,
        code: json.code,
        message: json.message,
        says: response.headers.get('heurist-protocol'),
      };
    }

    test.each([undefined, '1', '2', '3'])('a caller of version %s is served, and learns ours', async (version) => {
      expect(await call(version)).toMatchObject({ status: 200, says: '2' });
    });

    test('another one is refused before its key, whatever it calls', async () => {
      const refusal = { status: 400, code: 'protocol_mismatch', says: '2' };
      for (const name of ['network_status', 'miner_request', 'task_create', 'key_list'])
        expect(await call('4', name)).toMatchObject({
          ...refusal,
          message: expect.stringMatching(/Update this sequencer\.$/),
        });
      expect(await call('nonsense')).toMatchObject(refusal);
    });
  });
}
