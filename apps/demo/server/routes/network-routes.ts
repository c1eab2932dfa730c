import { HeuristError } from '@heurist/core';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import { compress } from 'hono/compress';
import type { NetworkReply } from '../../shared/api.ts';
import { serverKeyRefused, unreachable } from '../http/errors.ts';
import { hideAddressesIn } from '../http/hide-addresses.ts';
import type { DemoServices } from '../services.ts';
import type { DemoApp } from '../visitors/visitor.ts';

/** The state of the network. Pages that ask at about the same time share one answer. */
export function addNetworkRoutes(app: DemoApp, services: DemoServices): void {
  const network = new TtlCache(() => readNetwork(services), services.limits.networkFreshMs);
  app.get('/api/network', compress(), async (c) => {
    const { id } = c.get('visitor');
    const reply = await network.get();
    // they are of everybody whom this server knows
    return c.json(id === undefined || 'isSilent' in reply ? reply : { ...reply, recent_failures: [] });
  });
}

/** A network that has only the reference's calls does not report its status; nor does any without a key. */
async function readNetwork({ observer, limits, workflowURL }: DemoServices): Promise<NetworkReply> {
  if (!observer) return { isSilent: true };
  try {
    const status = await observer.workflow.networkStatus({ timeout: limits.networkTimeoutMs });
    const { dead_webhooks, ...open } = status;
    const recent_failures = status.recent_failures.map(({ task_id, ...failure }) => failure);
    return hideAddressesIn({ ...open, recent_failures }, workflowURL);
  } catch (error) {
    if (HeuristError.isInstance(error) && error.code === 'not_found') return { isSilent: true };
    if (HeuristError.isInstance(error) && ['unauthorized', 'forbidden'].includes(error.code))
      throw serverKeyRefused(error);
    if (HeuristError.isInstance(error) && !error.isRetryable) throw error;
    throw unreachable(error);
  }
}
