import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';

/**
 * Leads an address of the Internet to a server on this machine, for programs that honour `HTTPS_PROXY` and take a certificate: what
 * an operator does with a name in `/etc/hosts` and a proxy in front.
 *
 * @param folder - where the key and the certificate are kept
 */
export async function startHttpsDetour(host: string, target: string, folder: string) {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', `/CN=${host}`.slice(0, 64), '-addext', `subjectAltName=DNS:${host}`];
  const command = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...command, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  const server = createHttpsServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (incoming, response) => {
      const { method, url, headers } = incoming;
      const outgoing = forward(new URL(url ?? '/', target), { method, headers }, (answer: IncomingMessage) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      incoming.pipe(outgoing);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (incoming, socket) => {
    if (incoming.url !== `${host}:443`) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const through = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [through, socket]) end.on('error', () => {});
  });
  const proxyUrl = await listen(proxy, 0, '127.0.0.1');
  return {
    proxyUrl,
    certificate,
    async stop() {
      for (const each of [proxy, server]) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}
