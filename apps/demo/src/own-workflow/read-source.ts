/** What a visitor brings: a file, or text that was pasted. */
export type Source = { file: File } | { text: string };

/** Larger files are read by the command alone: a browser would hold all of one in memory. */
export const MOST_BYTES = 250_000_000;

/** What text is called that came without a file. */
const PASTED_NAME = 'pasted.json';

export const nameOf = (source: Source): string => ('file' in source ? source.file.name : PASTED_NAME);
export const sizeOf = (source: Source): number => ('file' in source ? source.file.size : source.text.length);

/** All of it. */
export async function bytesOf(source: Source): Promise<Uint8Array> {
  if ('text' in source) return new TextEncoder().encode(source.text);
  return new Uint8Array(await source.file.arrayBuffer());
}
