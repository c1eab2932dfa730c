import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** Claims whose response was lost. */
export function testClaim(): void {
  describe('a claim whose response was lost', () => {
    test('gets the same task again', async () => {
      const [one, two] = [(await network.create()).json.task_id, (await network.create()).json.task_id];
      const first = await network.claim({ claim_id: 'claim-1' });
      const again = await network.claim({ claim_id: 'claim-1' });
      expect([first.task_id, again.task_id]).toEqual([one, one]);
      expect(first.file_origins).toEqual([network.url]);
      expect(first.max_outputs).toBe(1000);
      const { artifact_id } = await network.upload(again.lease_id);
      expect((await network.submit(again.lease_id, { artifact_ids: [artifact_id] })).status).toBe(200);
      // what has ended is not handed out again
      expect((await network.claim({ claim_id: 'claim-1' })).task_id).toBe(two);
    });

    test('but not to another miner', async () => {
      const { json } = await network.create();
      const stranger = await network.sequencer.createKey('miner', 'stranger');
      expect((await network.claim({ claim_id: 'claim-2' })).task_id).toBe(json.task_id);
      expect((await network.claim({ claim_id: 'claim-2' }, stranger)).task_id).toBeNull();
    });
  });
}
