// What a sequencer does, whatever its database: one suite for all, over one sequencer that runs.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { testAccess } from './access.ts';
import { testAudit } from './audit.ts';
import { testBadInput } from './bad-input.ts';
import { testCancel } from './cancel.ts';
import { testClaim } from './claim.ts';
import { testDocument } from './document.ts';
import { testEvents } from './events.ts';
import { testFairness } from './fairness.ts';
import { testFiles } from './files.ts';
import { testFullDatabase } from './full-database.ts';
import { testKeys } from './keys.ts';
import { testLease } from './lease.ts';
import { testLegacyMiners } from './legacy-miners.ts';
import { testLimits } from './limits.ts';
import { testManyTasks } from './many-tasks.ts';
import { testMetrics } from './metrics.ts';
import { testNetworkStatus } from './network-status.ts';
import { testProtocolVersion } from './protocol-version.ts';
import { testSessions } from './sessions.ts';
import { forgetMiners, network, startShared } from './shared.ts';
import { testStrangers } from './strangers.ts';
import { testSubmit } from './submit.ts';
import { testTrust } from './trust.ts';
import { testWebhooks } from './webhooks.ts';

/**
 * @param locate - where the database is, as `openDatabase` takes it
 * @param isStepwise - every task goes by transactions, as those do about which something is special
 */
export function testSequencer(locate: () => Promise<string | undefined>, isStepwise = false): void {
  beforeAll(async () => startShared(await locate(), isStepwise));
  beforeEach(async () => {
    await network.cancelAll();
    await forgetMiners('rig');
  });
  afterAll(() => network.stop());

  testProtocolVersion();
  testSubmit();
  testClaim();
  testLease();
  testTrust();
  testCancel();
  testAccess();
  testAudit();
  testBadInput();
  testDocument();
  testFiles();
  testFullDatabase();
  testLegacyMiners();
  testEvents();
  testManyTasks();
  testNetworkStatus();
  testKeys();
  testLimits();
  testSessions();
  testStrangers();
  testFairness();
  testWebhooks();
  testMetrics();
}
