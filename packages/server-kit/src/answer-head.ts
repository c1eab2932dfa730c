/** What this needs of a request that is being answered: a context of Hono has it. */
interface Answering {
  readonly req: { readonly method: string };
  res: Response;
}

/**
 * Middleware: answers HEAD with the headers alone, and closes what the body would have been read from. Hono answers HEAD as GET and
 * drops the body, which would leave its file or connection open for ever.
 */
export async function closeBodyOfHead(c: Answering, next: () => Promise<void>): Promise<void> {
  await next();
  if (c.req.method !== 'HEAD' || !c.res.body) return;
  const { status, headers, body } = c.res;
  await body.cancel().catch(() => {});
  c.res = new Response(null, { status, headers });
}
