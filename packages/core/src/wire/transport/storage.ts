import { HeuristError } from '../errors.ts';

/** Who answers at an address: a storage is named by the sequencer, so its operator can mend it. */
export function whoAt(url: string, baseUrl: string): string {
  const { origin } = URL.canParse(url) ? new URL(url) : { origin: url };
  if (origin === new URL(baseUrl).origin) return `The sequencer at ${baseUrl}`;
  return `The storage at ${origin}, which the sequencer at ${baseUrl} names (by --public-url or S3_PUBLIC_ENDPOINT),`;
}

/** @throws {HeuristError} `invalid_reply` where TLS ends at a proxy, and the sequencer behind does not know */
export function checkEncrypted(url: string, baseUrl: string): void {
  const base = new URL(baseUrl);
  const link = URL.canParse(url) ? new URL(url) : base;
  if (base.protocol !== 'https:' || link.protocol !== 'http:' || link.hostname !== base.hostname) return;
  throw new HeuristError(
    `The sequencer at ${baseUrl} names ${link.origin} for uploads, which is not encrypted: nothing was sent. Its operator must start it with --public-url ${baseUrl}, or --trust-proxy and the address of its proxy.`,
    { code: 'invalid_reply' },
  );
}
