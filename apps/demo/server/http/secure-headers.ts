import { secureHeaders } from 'hono/secure-headers';

export const securePages = secureHeaders({
  // without any, forms would say that they come from nowhere
  referrerPolicy: 'same-origin',
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
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
