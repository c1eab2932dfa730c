/** The user name and password of an address, up to the `@`. */
const USER_INFO = /^([a-z][\w+.-]*:\/\/)[^/?#\\]*@/i;

const isHttp = (address: string) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);

/** An address without the user name and password that it may hold, for messages. Of one that is not valid, more is left out. */
export function hideCredentials(address: string): string {
  return address.replace(isHttp(address) ? USER_INFO : /^([a-z][\w+.-]*:\/\/)?.*@/is, '$1');
}

/** A text without the user names and passwords of the addresses in it. */
export function hideCredentialsIn(text: string): string {
  return text.replaceAll(/\b([a-z][\w+.-]*:\/\/)[^\s/?#"'<>]*@/gi, '$1');
}

/**
 * Takes the user name and password out of an address, since `fetch` refuses addresses that hold them.
 *
 * @returns the address, and the `Authorization` header that says the same
 */
export function takeCredentials(address: string): { url: string; authorization?: string } {
  const url = hideCredentials(address);
  const { username, password } = isHttp(address) ? new URL(address) : { username: '', password: '' };
  if (!username && !password) return { url };
  const pair = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return { url, authorization: `Basic ${btoa(String.fromCharCode(...pair))}` };
}

/** As it was meant: a `%` that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
