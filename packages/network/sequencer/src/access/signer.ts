import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs short texts and checks signatures. */
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
