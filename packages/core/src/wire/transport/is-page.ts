/**
 * A web page or its worker: a browser asks first whether a header may be sent (CORS), and reference sequencers say no. Workers of
 * Cloudflare are servers, and cannot import scripts.
 */
export const isPage = () => 'document' in globalThis || 'importScripts' in globalThis;
