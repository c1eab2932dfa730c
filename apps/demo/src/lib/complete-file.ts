/**
 * Whether a picture file is whole. A browser shows what there is of a file that was cut off, and the network refuses it.
 *
 * @returns true for other types of files: the server judges those
 */
export function isComplete(bytes: Uint8Array): boolean {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return endsAsJpeg(bytes, view);
  if (text(1, 4) === 'PNG') return endsAsPng(bytes, view);
  if (text(0, 4) === 'RIFF' && bytes.length > 8) return bytes.length >= view.getUint32(4, true) + 8;
  if (text(0, 4) === 'GIF8') return bytes.findLast((byte) => byte !== 0) === 0x3b;
  return true;
}

/** Behind the first scan comes the end mark: inside a scan, 0xff is always followed by something else. */
function endsAsJpeg(bytes: Uint8Array, view: DataView): boolean {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) at += 2 + view.getUint16(at + 2);
  for (; at + 1 < bytes.length; at++) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

function endsAsPng(bytes: Uint8Array, view: DataView): boolean {
  const IEND = 0x49454e44;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at))
    if (view.getUint32(at + 4) === IEND) return true;
  return false;
}
