import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Why a server could not listen, for errors that people read. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/**
 * Connections that may wait to be accepted: a fleet comes back all at once, and each that finds no room tries again a second later.
 * The kernel has a bound of its own (`net.core.somaxconn`).
 */
const BACKLOG = 4096;

/**
 * Listens, and resolves with the address.
 *
 * @param port - 0 for any free one
 * @param given - a name or an address; one of IPv6 may have brackets, as in URLs
 * @returns the origin, such as `http://127.0.0.1:8787`
 * @throws {PortError} when the port is in use, does not exist or needs more rights; its message says how to fix it
 */
export async function listen(server: Server, port: number, given: string): Promise<string> {
  const host = given.replace(/^\[(.*)\]$/, '$1');
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(describe(error, port, host)));
    try {
      server.listen(port, host, BACKLOG, resolve);
    } catch (cause) {
      reject(describe(cause as NodeJS.ErrnoException, port, host));
    }
  });
  const { port: bound } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function describe(cause: NodeJS.ErrnoException, port: number, host: string): Error {
  if (cause.code === 'EADDRINUSE')
    return new PortError(`Port ${port} is already in use. Choose another one, or 0 for any free port.`, { cause });
  if (cause.code === 'EACCES')
    return new PortError(`Port ${port} needs administrator rights. Choose one above 1023.`, { cause });
  if (cause.code === 'EADDRNOTAVAIL')
    return new PortError(`This machine does not have the address ${host}. Use 127.0.0.1 or 0.0.0.0.`, { cause });
  if (cause.code === 'ERR_SOCKET_BAD_PORT')
    return new PortError(`There is no port ${port}. Use one from 1 to 65535, or 0 for any free port.`, { cause });
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN')
    return new PortError(`The address ${host} cannot be found (${cause.code}). Use 127.0.0.1 or 0.0.0.0.`, { cause });
  return cause;
}
