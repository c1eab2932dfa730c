import { expect, test } from 'vitest';
import { hideAddresses, hideAddressesIn } from '../server/http/hide-addresses.ts';

const network = 'http://127.0.0.1:46575/net';

test.each([
  ['image http://127.0.0.1:46575/net/artifacts/ab?signature=c: it is damaged.', 'image the file: it is damaged.'],
  ['"http://127.0.0.1:46575/net/artifacts/ab" is gone.', '"the file" is gone.'],
  ['Cannot reach http://127.0.0.1:46575/net (ECONNREFUSED).', 'Cannot reach the network (ECONNREFUSED).'],
  ['connect ECONNREFUSED 127.0.0.1:46575', 'connect ECONNREFUSED the network'],
  ['ComfyUI at http://10.0.0.7:8188/prompt, try again', 'ComfyUI at a private address, try again'],
  ['ComfyUI at 10.0.0.7:8188.', 'ComfyUI at a private address.'],
  ['ComfyUI at 192.168.1.4', 'ComfyUI at a private address'],
  ['at localhost:8188, [::1]:80 and db.internal:5432', 'at a private address, a private address and a private address'],
  ['see https://example.com/help and 8.8.8.8:53.', 'see https://example.com/help and 8.8.8.8:53.'],
  ['version 1.2.3, ratio 16:9, at 12:30, steps: 4', 'version 1.2.3, ratio 16:9, at 12:30, steps: 4'],
  ['`width` must be a multiple of 8 (got 1001): use 1000.', '`width` must be a multiple of 8 (got 1001): use 1000.'],
])('%s', (text, shown) => {
  expect(hideAddresses(text, network)).toBe(shown);
});

test('a network with a public name is not named either', () => {
  const text = 'Cannot reach https://tasks.example.com/task_create; tasks.example.com:8787 is another.';
  expect(hideAddresses(text, 'https://tasks.example.com')).toBe(
    'Cannot reach the network; tasks.example.com:8787 is another.',
  );
});

test('texts anywhere in a value', () => {
  const value = { failures: [{ message: 'at 127.0.0.1:1', count: 1 }], isSilent: true };
  expect(hideAddressesIn(value, network)).toEqual({
    failures: [{ message: 'at a private address', count: 1 }],
    isSilent: true,
  });
});
