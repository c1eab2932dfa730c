import { expect, test } from 'vitest';
import { describeFamilies, families } from '../../server/catalogue.ts';
import type { NetworkReply } from '../../shared/api.ts';
import { followUps } from './follow-ups.ts';

const catalogue = describeFamilies(families);
const network = {
  miners: [],
  workflows: ['upscaler', 'tiny-img2img', 'tiny-inpaint'].map((workflow_id) => ({ workflow_id, miners: 1 })),
} as unknown as NetworkReply;

test('a picture goes on into every package that takes one; only upscaling needs nothing else', () => {
  const found = followUps(catalogue, network, { task_id: 'a', output: 0, width: 128, height: 128 });
  expect(found.map(({ family, isWhole, reason }) => [family.name, isWhole, reason])).toEqual([
    ['image2image', false, undefined],
    ['inpaint', false, undefined],
    ['upscaler', true, undefined],
    ['image2video', false, 'This network does not offer this workflow.'],
  ]);
  expect(found[2]).toMatchObject({
    workflow: { workflow_id: 'upscaler' },
    options: { image_url: { task_id: 'a', output: 0 } },
  });
});

test('one that would be too large says so', () => {
  const found = followUps(catalogue, network, { task_id: 'a', output: 0, width: 4096, height: 4096 });
  expect(found.find(({ isWhole }) => isWhole)?.reason).toMatch(/Enlarged 4 times it would have 268/);
});
