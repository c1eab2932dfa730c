type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const MOST_HOPS = 5;

/**
 * A fetch for files, which have signed URLs and need no key. The headers of the app go to the origin of the sequencer alone, so not
 * to a storage, wherever redirects lead.
 */
export function fetchFiles(send: Fetch, origin: string, headers: Record<string, string>): Fetch {
  if (!Object.keys(headers).length) return send;
  return async (input, init) => {
    let plain = new Request(input, init);
    for (let hops = 0; hops < MOST_HOPS && new URL(plain.url).origin === origin; hops++) {
      const own = new Request(plain.clone(), { redirect: 'manual' });
      for (const [name, value] of Object.entries(headers)) own.headers.set(name, value);
      const response = await send(own);
      const location = response.headers.get('location');
      const isRedirect = response.status > 300 && response.status < 309 && location;
      // browsers do not say where to: without headers, they may follow
      if (response.type !== 'opaqueredirect' && !isRedirect) return response;
      response.body?.cancel().catch(() => {});
      if (!location) break;
      plain = new Request(new URL(location, plain.url), plain);
    }
    return await send(plain);
  };
}
