import { expect, test } from 'vitest';
import recorded from '../../../test/recordings/reference-miner.json' with { type: 'json' };
import { accessKeyIdOf, isSignedWith, type SignedRequest } from './aws-signature.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** `post-x-www-form-urlencoded` of the test suite of AWS. */
const request = {
  method: 'POST',
  path: '/',
  headers: {
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    'content-type': 'application/x-www-form-urlencoded',
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
  } as Record<string, string>,
  body: Buffer.from('Param1=value1'),
};

const signed = ({ headers = {}, ...more }: Partial<typeof request> = {}): SignedRequest => {
  const all = { ...request.headers, ...headers };
  return { ...request, ...more, header: (name) => all[name] };
};

test('a request that was signed elsewhere', () => {
  expect(accessKeyIdOf(request.headers.authorization)).toBe('AKIDEXAMPLE');
  expect(isSignedWith(secret, signed())).toBe(true);
});

test('the upload of comfyui-miner-release, as it was recorded', () => {
  const { method, url, headers, body } = recorded[1]!;
  const named: Record<string, string> = headers;
  const upload = { method, path: new URL(url).pathname, header: (name: string) => named[name] };
  expect(isSignedWith('recorded-secret', { ...upload, body: Buffer.from(body) })).toBe(true);
  expect(isSignedWith('recorded-secret', { ...upload, body: Buffer.from(body.replace('jpg', 'png')) })).toBe(false);
});

const authorization = (from: string, to: string) => ({
  headers: { authorization: request.headers.authorization!.replace(from, to) },
});

test.each([
  ['body', { body: Buffer.from('Param1=value2') }],
  ['path', { path: '/other' }],
  ['method', { method: 'PUT' }],
  ['host', { headers: { host: 'other.test' } }],
  ['date', { headers: { 'x-amz-date': '20150830T123601Z' } }],
  ['region', authorization('us-east-1', 'eu-west-1')],
  ['signature', authorization('ff11', 'ff12')],
  ['form of the signature', authorization('ff11', 'zz11')],
  ['form', authorization('Signature=', '')],
  ['signed headers', authorization('content-type;host;x-amz-date', 'content-type')],
])('another %s', (_, more) => {
  expect(isSignedWith(secret, signed(more))).toBe(false);
});

test('another secret, and no signature', () => {
  expect(isSignedWith('other', signed())).toBe(false);
  expect(isSignedWith(secret, signed({ headers: { authorization: 'Bearer x' } }))).toBe(false);
  expect(accessKeyIdOf('Bearer x')).toBeUndefined();
});
