import { isHidden } from '@heurist/server-kit/public-address';

const URLS = /\bhttps?:\/\/[^\s"'<>`\\]+/gi;
/** An address or a name with a port, outside of a URL. */
const HOSTS =
  /(?<![\w.:/-])(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]*:[\da-f:.]*\]|[a-z][\w.-]*(?=:\d))(?::\d{1,5})?(?![\w.-]*\w)/gi;

/**
 * A text for visitors, without the addresses that only this server and its network can reach. They would tell a stranger what is
 * inside, and help nobody who can only use the page.
 *
 * @param networkURL - address of the network: its files become "the file", whatever its address
 */
export function hideAddresses(text: string, networkURL: string): string {
  const network = new URL(networkURL);
  return text
    .replaceAll(URLS, (found) => {
      const [url = found, after = ''] = /^(.*?)([)\].,;:!?]*)$/s.exec(found)?.slice(1) ?? [];
      return nameFor(url, network) + after;
    })
    .replaceAll(HOSTS, (host) => nameFor(`http://${host}`, network, host));
}

function nameFor(text: string, network: URL, otherwise = text): string {
  const url = URL.parse(text);
  if (!url) return otherwise;
  if (url.host === network.host) return url.pathname.includes('/artifacts/') ? 'the file' : 'the network';
  return isHidden(url) ? 'a private address' : otherwise;
}

/** The same for every text in a value of JSON. */
export function hideAddressesIn<T>(value: T, networkURL: string): T {
  const hidden = JSON.stringify(value, (_, each) =>
    typeof each === 'string' ? hideAddresses(each, networkURL) : each,
  );
  return JSON.parse(hidden) as T;
}
