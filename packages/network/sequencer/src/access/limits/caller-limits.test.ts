import { expect, test } from 'vitest';
import { effectiveLimits, limitsOf, sharedLimits } from './caller-limits.ts';
import { defaultLimits, describeLimits } from './limits.ts';

const network = describeLimits(defaultLimits);

test.each([
  ['nothing is set', {}, [{}, {}], {}],
  ['the strictest key bounds all', {}, [{ streams: 9 }, { streams: 3 }], { streams: 3 }],
  ['a key without a limit lifts nothing', {}, [{ streams: 3 }, {}], { streams: 3 }],
  ['a key with a higher one lifts nothing of another', {}, [{ streams: 999 }, {}], { streams: 256 }],
  ['an only key may have more than the network gives', {}, [{ streams: 999 }], { streams: 999 }],
  ['the owner decides', { streams: 20 }, [{ streams: 3 }, { offers: 2 }], { streams: 20, offers: 2 }],
])('what keys share: %s', (_, owner, keys, expected) => {
  expect(sharedLimits(owner, keys, network)).toEqual(expected);
});

test('a key is bounded by its own limit if that is lower, and else by what is shared', () => {
  const limits = {
    shared: { streams: 20, owner_bytes: 5 },
    own: { streams: 30, owner_bytes: 3, output_bytes_text: 7 },
  };
  const { shared, own } = limitsOf({ limits }, defaultLimits);
  expect(shared).toEqual({ ...defaultLimits, streams: 20, ownerBytes: 5 });
  const outputBytes = { ...defaultLimits.outputBytes, text: 7 };
  expect(own).toEqual({ ...defaultLimits, streams: 20, ownerBytes: 3, outputBytes });
});

test('whoever has no limits has the very limits of the network', () => {
  const { shared, own } = limitsOf({ limits: { shared: {}, own: {} } }, defaultLimits);
  expect([shared === defaultLimits, own === defaultLimits]).toEqual([true, true]);
});

test('the list says whose each limit is', () => {
  const effective = (own: object, owner: object, keys: object[]) =>
    effectiveLimits(own as never, owner as never, keys as never, network);
  expect(effective({ streams: 3 }, {}, [{ streams: 3 }])).toEqual({ streams: { value: 3, from: 'key' } });
  expect(effective({ streams: 9 }, {}, [{ streams: 9 }, { streams: 3 }])).toEqual({
    streams: { value: 3, from: 'other_key' },
  });
  expect(effective({ streams: 9 }, { streams: 5 }, [{ streams: 9 }])).toEqual({ streams: { value: 5, from: 'owner' } });
  expect(effective({ streams: 999 }, {}, [{ streams: 999 }, {}])).toEqual({ streams: { value: 256, from: 'network' } });
});
