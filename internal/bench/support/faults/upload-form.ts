import type { Call } from './gateway.ts';
import { translate, type Words } from './translate.ts';

/** Stores a file that came in a form, in one call of the service and two of the sequencer. */
export async function uploadForm(
  { headers, bytes, ask, put }: Call,
  field: string,
  refusal: Words['refusal'],
  describe: (url: string, id: string) => object,
): Promise<Response> {
  const form = await new Response(bytes, { headers: { 'content-type': headers.get('content-type') ?? '' } }).formData();
  const file = form.get(field) as Blob;
  const slot = await ask('file_create', { content_type: 'image/png', bytes: file.size });
  if (!slot.ok) return await translate(slot, { refusal, state: () => ({}) });
  const { upload_url, url } = (await slot.json()) as { upload_url: string; url: string };
  const stored = await put(upload_url, file);
  const text = await stored.clone().text();
  if (!text.includes('artifact_id')) return await translate(stored, { refusal, state: () => ({}) });
  return Response.json(describe(url, JSON.parse(text).artifact_id), { status: 201 });
}
