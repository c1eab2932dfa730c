import { expect, test } from 'vitest';
import { isKnownHost } from './known-host.ts';

test.each([
  undefined,
  'localhost',
  'LOCALHOST:8188',
  'studio.localhost:80',
  '127.0.0.1:8188',
  '[::1]:8188',
  '192.168.1.5:8080',
  'comfyui:8188',
  'Studio.Example.com',
])('%s is this server', (host) => {
  expect(isKnownHost(host, ['comfyui', 'studio.example.com'])).toBe(true);
});

test.each([
  '',
  'evil.example',
  'evil.example:8188',
  'localhost.evil.example',
  'notlocalhost',
  '127.0.0.1.evil.example',
  'studio.example.com.evil.example',
  'evil.example, a.localhost',
])('%s is another', (host) => {
  expect(isKnownHost(host, ['comfyui', 'studio.example.com'])).toBe(false);
});
