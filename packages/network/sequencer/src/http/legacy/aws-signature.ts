// Signature Version 4 of AWS, as its receiver checks it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request that somebody has signed. */
export interface SignedRequest {
  method: string;
  /** Without a query: none is signed here. */
  path: string;
  header(name: string): string | undefined;
  body: Uint8Array;
}

/** What an `Authorization` header of this kind says. */
interface Authorization {
  accessKeyId: string;
  /** `date/region/service/aws4_request`. */
  scope: string;
  signedHeaders: string[];
  signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Without them a signature says nothing about where and when it was made. */
const NEEDED = ['host', 'x-amz-date'];

/** The id of the key that a request is signed with, or `undefined` if it is not signed in this way. */
export const accessKeyIdOf = (authorization = ''): string | undefined => parse(authorization)?.accessKeyId;

/** Whether a request was signed with this secret, and is as it was then. */
export function isSignedWith(secret: string, request: SignedRequest): boolean {
  const parsed = parse(request.header('authorization') ?? '');
  if (!parsed || !NEEDED.every((name) => parsed.signedHeaders.includes(name))) return false;
  const { scope, signature } = parsed;
  const text = [ALGORITHM, request.header('x-amz-date'), scope, sha256(canonical(request, parsed))].join('\n');
  const key = scope.split('/').reduce<Buffer>((signing, part) => hmac(signing, part), Buffer.from(`AWS4${secret}`));
  const [expected, given] = [hmac(key, text), Buffer.from(signature, 'hex')];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function parse(authorization: string): Authorization | undefined {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=(\w+)$/;
  const [, accessKeyId, scope, names, signature] = pattern.exec(authorization) ?? [];
  if (!accessKeyId || !scope || !names || !signature) return undefined;
  return { accessKeyId, scope, signedHeaders: names.split(';'), signature };
}

function canonical({ method, path, header, body }: SignedRequest, { signedHeaders }: Authorization): string {
  const headers = signedHeaders.map((name) => `${name}:${(header(name) ?? '').trim().replaceAll(/ +/g, ' ')}\n`);
  return [method, path, '', headers.join(''), signedHeaders.join(';'), sha256(body)].join('\n');
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
