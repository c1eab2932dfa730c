/** The path of an address that the sequencer itself has signed, below its own; one of a storage is signed in another way. */
const SIGNED = /\/artifacts\/[\w-]+$/;

/**
 * Makes the page upload to this handler: the sequencer may answer pages of no other origin. Storage, such as S3, gets its files
 * directly.
 */
export async function uploadHere(reply: Response, request: Request): Promise<Response> {
  if (!reply.ok) return reply;
  const slot = (await reply.json()) as { upload_url: string };
  const upload = new URL(slot.upload_url);
  const [path] = SIGNED.exec(upload.pathname) ?? [];
  if (!path || !upload.searchParams.has('signature')) return Response.json(slot);
  const here = baseOf(request);
  return Response.json({ ...slot, upload_url: `${here}${path}${upload.search}` });
}

/**
 * Where the handler is mounted, as the page knows it: behind a proxy, only the page does. Other programs send no `Origin`, but say to whom
 * they speak; the URL may have another name of this server, as in Next.
 */
function baseOf({ url, headers }: Request): string {
  const { origin, protocol, pathname } = new URL(url);
  const host = headers.get('host');
  const known = [headers.get('origin'), host && `${protocol}//${host}`].flatMap((text) => URL.parse(text ?? '') ?? []);
  return (known[0]?.origin ?? origin) + pathname.slice(0, pathname.lastIndexOf('/'));
}
