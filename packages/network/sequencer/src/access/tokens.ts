import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs short texts and checks them again. */
export interface Signer {
  sign(text: string): string;
  isValid(text: string, signature: string): boolean;
}

/** HMAC-SHA256, compared in constant time. */
export function createSigner(secret: string): Signer {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
  return {
    sign,
    isValid(text, signature) {
      const [expected, given] = [Buffer.from(sign(text)), Buffer.from(signature)];
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}

/** Who holds a task, for which attempt. */
export interface Lease {
  task_id: string;
  workflow_id: string;
  /** pg-boss's `retryCount`: the fence against a miner that comes back late. */
  attempt: number;
  miner_id: string;
  /** Seconds since 1970. */
  expires: number;
}

/** A lease as a miner carries it: readable, but not to be made up. */
export function encodeLease(lease: Lease, signer: Signer): string {
  const body = Buffer.from(JSON.stringify(lease)).toString('base64url');
  return `${body}.${signer.sign(`lease:${body}`)}`;
}

/** The lease in a text, or `undefined` if it was not signed by this network or has run out. */
export function decodeLease(text: string, signer: Signer): Lease | undefined {
  const [body = '', signature = ''] = text.split('.');
  if (!signer.isValid(`lease:${body}`, signature)) return undefined;
  const lease = JSON.parse(Buffer.from(body, 'base64url').toString()) as Lease;
  return lease.expires > Date.now() / 1000 ? lease : undefined;
}
