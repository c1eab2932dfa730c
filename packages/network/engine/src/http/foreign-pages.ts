/** A web page from elsewhere must not drive a server on this machine (ComfyUI's own rule, without CORS). */
export async function refuseForeignPages(
  c: { req: { header(name: string): string | undefined }; body(body: null, status: 403): Response },
  next: () => Promise<void>,
) {
  if (isForeign(c.req.header('host'), c.req.header('origin'))) return c.body(null, 403);
  await next();
  return undefined;
}

/** Whether a request comes from a page of another origin. */
export function isForeign(host: string | undefined, origin: string | undefined): boolean {
  if (!host || !origin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
