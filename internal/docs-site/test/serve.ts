import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

/** Serves a folder as GitHub Pages do: `/guides/files` is `guides/files.html`. */
export async function serve(folder: string): Promise<{ url: string; server: Server }> {
  const fileOf = (path: string) =>
    [path, `${path}.html`, join(path, 'index.html')].map((name) => join(folder, normalize(name))).find(isFile);
  const server = createServer((request, response) => {
    const found = fileOf(decodeURIComponent(new URL(request.url ?? '/', 'http://a').pathname));
    const file = found ?? join(folder, '404.html');
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();
