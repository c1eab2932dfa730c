import { once } from 'node:events';
import { connect } from 'node:net';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';

/** How long a check waits for an answer. */
export const PATIENCE_MS = 5000;

/** Why an address cannot be reached, and what to do. */
export interface Trouble {
  message: string;
  advice: string;
}

const advices: [codes: RegExp, advice: string][] = [
  [/^ECONNREFUSED$/, 'Nothing listens there: start it, or correct the address and port.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'The name cannot be resolved: correct it, or look at the DNS of this machine.'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'There is no way there from this machine: look at routes, VPN and firewalls.'],
  [/^CERT_HAS_EXPIRED$/, 'Its certificate has expired: renew it, or correct the clock of this machine.'],
  [/ALTNAME/, 'Its certificate is for another name: use that name, or a certificate for this one.'],
  [/^(ECONNRESET|UND_ERR_SOCKET)$/, 'Something in between cuts the connection: look at proxies and firewalls.'],
];

/** From the error of a request. */
export function troubleOf(error: unknown): Trouble {
  let message = '';
  for (let each = error as (Error & { code?: unknown }) | undefined; each; each = each.cause as typeof each) {
    const { code, name } = each;
    message = each.message;
    if (name === 'TimeoutError')
      return {
        message: `no answer within ${PATIENCE_MS / 1000} s`,
        advice: 'A firewall or a proxy may drop the connection, or the server hangs.',
      };
    if (typeof code === 'string') {
      const [, advice = 'Look at the address, and at what is in between.'] =
        advices.find(([codes]) => codes.test(code)) ?? [];
      return { message: code, advice: authorityAdvice(each) ?? advice };
    }
  }
  return { message, advice: 'Look at the address, and at what is in between.' };
}

/** Whether something takes connections at a host and port. */
export async function tryConnecting(host: string, port: number): Promise<Trouble | undefined> {
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return undefined;
  } catch (error) {
    return troubleOf(error);
  } finally {
    socket.destroy();
  }
}
