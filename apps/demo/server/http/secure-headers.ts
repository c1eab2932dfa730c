import { createHash } from 'node:crypto';
import { secureHeaders } from 'hono/secure-headers';
import { LATER_SCRIPT, THEME_SCRIPT } from '../../shared/inline-scripts.ts';

const hashOf = (script: string) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

export const securePages = secureHeaders({
  // without any, forms would say that they come from nowhere
  referrerPolicy: 'same-origin',
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", ...[THEME_SCRIPT, LATER_SCRIPT].map(hashOf)],
    imgSrc: ["'self'", 'data:', 'blob:'],
    // the component library sets sizes and colours by style attributes
    styleSrc: ["'self'", "'unsafe-inline'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/** A file that a stranger uploaded must not run as a page of this server. */
export const secureReplies = secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], sandbox: [] } });
