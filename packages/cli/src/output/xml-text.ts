/** What XML 1.0 has no place for, escaped or not: https://www.w3.org/TR/xml/#charsets */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for XML, in an element or an attribute, where line breaks would become spaces. What XML cannot hold is left out. */
export function xmlText(text: string): string {
  return text
    .replace(FORBIDDEN, '')
    .replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark]!)
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}
