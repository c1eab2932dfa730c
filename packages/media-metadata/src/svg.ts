import { decodeText, type Span, without } from './bytes.ts';
import type { Container, Entry } from './container.ts';

/** A character for each byte. */
const oneByOne = new TextDecoder('windows-1252');

const START = /<((?:\w+:)?metadata)\b/g;

/** `metadata` of an SVG, in which ComfyUI writes JSON with all texts. */
export const svg: Container = {
  find(bytes) {
    const text = oneByOne.decode(bytes);
    return elementsOf(text).map((span) => ({ ...span, read: () => read(bytes.subarray(span.start, span.end)) }));
  },
  remove: without,
};

function elementsOf(text: string): Span[] {
  const found: Span[] = [];
  for (const { index, 1: name } of text.matchAll(START)) {
    if (index < (found.at(-1)?.end ?? 0)) continue;
    const end = endOf(text, index, `</${name}`);
    if (end === undefined) break;
    found.push({ start: index, end });
  }
  return found;
}

/** Where an element ends. In CDATA everything is text. */
function endOf(text: string, from: number, closing: string): number | undefined {
  for (let at = from; ; ) {
    const [cdata, close] = [text.indexOf('<![CDATA[', at), text.indexOf(closing, at)];
    if (close < 0) return undefined;
    if (cdata < 0 || close < cdata) {
      const end = text.indexOf('>', close);
      return end < 0 ? undefined : end + 1;
    }
    const after = text.indexOf(']]>', cdata);
    if (after < 0) return undefined;
    at = after;
  }
}

function read(bytes: Uint8Array): Entry[] {
  const text = decodeText(bytes);
  const content = text.slice(text.indexOf('>') + 1, text.lastIndexOf('</'));
  const [, cdata] = /<!\[CDATA\[(.*)\]\]>/s.exec(content) ?? [];
  return [{ name: 'metadata', text: (cdata ?? content).trim() }];
}
