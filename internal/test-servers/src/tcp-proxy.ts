// A TCP proxy that a test can break: in front of a database, say.
import { connect, createServer, type Socket } from 'node:net';

/** A proxy that runs. */
export interface TcpProxy {
  port: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections so far. */
  readonly accepted: number;
  /**
   * What becomes of connections. `pass`: they work. `stall`: nothing more passes on any, and nobody is told, as when a
   * firewall forgets them. `refuse`: new ones are closed at once.
   */
  setMode(mode: 'pass' | 'stall' | 'refuse'): void;
  /** Nothing more passes on the connections of now, and nobody is told; new ones work. */
  stallOpen(): void;
  /** Resets the connections of now. */
  resetOpen(): void;
  /** New connections lead to another server. */
  setTarget(port: number): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port that passes everything on to `target`. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let mode: 'pass' | 'stall' | 'refuse' = 'pass';
  let accepted = 0;
  let targetPort = target.port;
  const stall = ({ near, far }: { near: Socket; far: Socket }) => {
    for (const socket of [near, far]) {
      socket.unpipe();
      socket.pause();
    }
  };
  const server = createServer((near) => {
    accepted++;
    if (mode === 'refuse') return void near.destroy();
    const far = connect(targetPort, target.host ?? '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
      socket.pipe(other);
    }
    if (mode === 'stall') stall(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    setMode(next) {
      mode = next;
      if (next === 'stall') for (const pair of pairs) stall(pair);
    },
    stallOpen: () => pairs.forEach(stall),
    resetOpen() {
      for (const { near } of pairs) near.resetAndDestroy();
    },
    setTarget(port) {
      targetPort = port;
    },
    async stop() {
      for (const { near } of pairs) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
