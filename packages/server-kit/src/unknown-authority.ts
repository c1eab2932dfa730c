/** What Node says of a certificate whose authority it does not know. */
const CODES = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/;

/**
 * What to do about an error, if a certificate of an unknown authority is the reason: the error itself says it, or one up to five errors
 * down.
 */
export function authorityAdvice(error: unknown): string | undefined {
  let each = error as { code?: unknown; message?: unknown; cause?: unknown } | undefined;
  for (let depth = 0; each && depth <= 5; depth++) {
    if (CODES.test(`${each.code}`))
      return 'Its certificate is of an authority that Node does not know: set NODE_EXTRA_CA_CERTS to the file of that authority.';
    each = each.cause as typeof each;
  }
  return undefined;
}

/** The message of an error for the log of whoever runs this process, with what to do about a certificate. */
export function messageWithAdvice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const advice = authorityAdvice(error);
  return advice ? `${message} ${advice}` : message;
}
