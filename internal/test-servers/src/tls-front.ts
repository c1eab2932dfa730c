import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TestCertificate } from './certificate.ts';

/** Ends TLS in front of a server of plain HTTP on this machine, and passes all bytes on: sockets and signatures work as without it. */
export async function startTlsFront(target: string, { key, certificate }: TestCertificate) {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
    const through = connect(Number(port), hostname);
    socket.pipe(through).pipe(socket);
    for (const end of [socket, through]) {
      open.add(end);
      end.on('error', () => {
        socket.destroy();
        through.destroy();
      });
      end.on('close', () => open.delete(end));
    }
  });
  // a caller that does not trust the certificate
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
