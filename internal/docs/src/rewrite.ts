import { fromMarkdown } from 'mdast-util-from-markdown';
import { visit } from 'unist-util-visit';

/**
 * A page with other addresses in its links and pictures; code stays as it is.
 *
 * @param replace - the new address for an old one
 */
export function withAddresses(text: string, replace: (address: string) => string): string {
  const edits: { from: number; to: number; address: string }[] = [];
  visit(fromMarkdown(text), (node) => {
    const { start, end } = node.position ?? {};
    if (start?.offset === undefined || end?.offset === undefined) return;
    const source = text.slice(start.offset, end.offset);
    const addresses =
      node.type === 'link' || node.type === 'image' || node.type === 'definition'
        ? [{ address: node.url, at: source.lastIndexOf(node.url) }]
        : node.type === 'html'
          ? [...source.matchAll(/(?<=\s(?:href|src)=")[^"]+/g)].map(({ 0: address, index: at }) => ({ address, at }))
          : [];
    for (const { address, at } of addresses) {
      // in an autolink, the text is the address
      if (at < 0 || replace(address) === address) continue;
      const from = start.offset + at;
      edits.push({ from, to: from + address.length, address: replace(address) });
    }
  });
  // a picture within a link comes after the link: the last edit first, so that places hold
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((page, { from, to, address }) => page.slice(0, from) + address + page.slice(to), text);
}
