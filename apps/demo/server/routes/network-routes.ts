import { type Heurist, HeuristError } from '@heurist/core';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Hono } from 'hono';
import type { NetworkReply } from '../../shared/api.ts';
import { unreachable } from '../http/errors.ts';
import type { DemoServices } from '../services.ts';

/** The state of the network. Pages that ask at about the same time share one answer. */
export function addNetworkRoutes(app: Hono, { heurist, limits }: DemoServices): void {
  const network = new TtlCache(() => readNetwork(heurist, limits.networkTimeoutMs), limits.networkFreshMs);
  app.get('/api/network', async (c) => c.json(await network.get()));
}

/** A network that has only the reference's calls does not report its status. */
async function readNetwork({ workflow }: Heurist, timeoutMs: number): Promise<NetworkReply> {
  try {
    const status = await workflow.networkStatus({ timeout: timeoutMs });
    const { dead_webhooks, ...open } = status;
    return { ...open, recent_failures: status.recent_failures.map(({ task_id, ...failure }) => failure) };
  } catch (error) {
    if (HeuristError.isInstance(error) && error.code === 'not_found') return { isSilent: true };
    if (HeuristError.isInstance(error) && !error.isRetryable) throw error;
    throw unreachable(error);
  }
}
