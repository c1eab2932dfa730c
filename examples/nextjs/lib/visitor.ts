/** The cookie that `proxy.ts` sets. */
export const COOKIE = 'visitor';

/** Who asks, by the header of a request. */
export const visitorOf = ({ headers }: Request): string | undefined =>
  new RegExp(`\\b${COOKIE}=([\\w-]{36})`).exec(headers.get('cookie') ?? '')?.[1];
