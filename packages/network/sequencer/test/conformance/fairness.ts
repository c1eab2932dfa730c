import { describe, expect, test } from 'vitest';
import { network } from './shared.ts';

/** In which order tasks are served. */
export function testFairness(): void {
  describe('fairness', () => {
    test('a single task does not wait for hundreds of another consumer', async () => {
      for (let count = 0; count < 60; count++) await network.create();
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'modest')).split('#');
      const first = await network.claim();
      const { json: single } = await network.create({ consumer_id, api_key });
      const place = await network.call('task_result_query', { task_id: single.task_id, api_key });
      expect(place.json.queue_position).toBeLessThanOrEqual(1);
      const next = [(await network.claim()).task_id, (await network.claim()).task_id];
      expect(next).toContain(single.task_id);
      expect(next).not.toContain(first.task_id);
    });

    test('two consumers with many tasks take turns, each in its own order', async () => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'second')).split('#');
      const mine: string[] = [];
      for (let count = 0; count < 6; count++) mine.push((await network.create()).json.task_id);
      const theirs: string[] = [];
      for (let count = 0; count < 6; count++)
        theirs.push((await network.create({ consumer_id, api_key })).json.task_id);
      const order: string[] = [];
      for (let count = 0; count < 12; count++) order.push((await network.claim()).task_id);
      expect(order.filter((id) => mine.includes(id))).toEqual(mine);
      expect(order.filter((id) => theirs.includes(id))).toEqual(theirs);
      // never more than one ahead
      order.forEach((_, index) => {
        const served = order.slice(0, index + 1);
        const count = (ids: string[]) => served.filter((id) => ids.includes(id)).length;
        expect(Math.abs(count(mine) - count(theirs))).toBeLessThanOrEqual(1);
      });
    });

    test('priority orders the tasks of one consumer, and delays no other', async () => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'third')).split('#');
      const mine: Record<string, string> = {};
      for (const name of ['normal 1', 'normal 2', 'normal 3', 'low 1', 'high 1', 'high 2', 'normal 4'])
        mine[(await network.create({ priority: name.split(' ')[0] })).json.task_id] = name;
      const { json: theirs } = await network.create({ consumer_id, api_key });
      const order: string[] = [];
      for (let count = 0; count < 8; count++) {
        const { task_id } = await network.claim();
        order.push(task_id === theirs.task_id ? 'theirs' : mine[task_id]!);
      }
      // one place in the turn for each consumer, whatever its priorities
      expect(order.slice(0, 3)).toEqual(['high 1', 'theirs', 'high 2']);
      expect(order.indexOf('high 2')).toBeLessThan(order.indexOf('normal 3'));
      expect(order.filter((name) => name.startsWith('normal'))).toEqual([
        'normal 1',
        'normal 2',
        'normal 3',
        'normal 4',
      ]);
      expect(order.at(-1)).not.toBe('theirs');
      expect(order.indexOf('low 1')).toBeGreaterThan(order.indexOf('normal 3'));
      expect((await network.create({ priority: 'urgent' })).status).toBe(400);
    });

    test('the backlog of another workflow delays nobody', async () => {
      const [consumer_id, api_key] = (await network.sequencer.createKey('consumer', 'fourth')).split('#');
      for (let count = 0; count < 20; count++) await network.create({ workflow_id: count % 2 ? 'echo' : 'other' });
      // one of the two is far ahead of the other
      for (let count = 0; count < 8; count++) await network.claim({ workflow_ids: ['other'] });
      const { json: theirs } = await network.create({ consumer_id, api_key });
      const both = { workflow_ids: ['echo', 'other'] };
      const order: string[] = [];
      for (let count = 0; count < 5; count++) order.push((await network.claim(both)).task_id);
      // after one task of the other consumer in each workflow, and one more round at most
      expect(order.slice(0, 4)).toContain(theirs.task_id);
    });

    test('a workflow that has run for long does not wait for one that is new', async () => {
      for (let count = 0; count < 8; count++) await network.create();
      for (let count = 0; count < 6; count++) await network.claim();
      for (let count = 0; count < 8; count++) await network.create({ workflow_id: 'other' });
      const both = { workflow_ids: ['echo', 'other'] };
      const next = [(await network.claim(both)).workflow_id, (await network.claim(both)).workflow_id];
      expect(next).toContain('echo');
    });
  });
}
