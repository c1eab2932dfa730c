import { existsSync } from 'node:fs';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { comfyuiCheck } from '../doctor/check-comfyui.ts';
import { checkDatabase } from '../doctor/check-database.ts';
import { checkKeys } from '../doctor/check-keys.ts';
import { checkDataFolder, checkMachine } from '../doctor/check-machine.ts';
import { checkProxies } from '../doctor/check-proxies.ts';
import { checkPublicUrl, checkSequencer } from '../doctor/check-sequencer.ts';
import { checkStorage } from '../doctor/check-storage.ts';
import type { Check, Finding, Settings } from '../doctor/finding.ts';
import { CommandError } from '../output/command-error.ts';

/** Options of `heurist doctor`: those of the services, which mean the same. */
export interface DoctorOptions {
  dataDir: string;
  database?: string;
  artifacts?: string;
  publicUrl?: string;
  minFree: number;
  sequencer?: string;
  comfyui?: string[];
  json?: boolean;
}

/**
 * Looks at everything that is set up here, and says what to do, one line each.
 *
 * @throws {CommandError} if anything does not work
 */
export async function doctor(options: DoctorOptions, workflows: readonly WorkflowDefinition[]): Promise<void> {
  const settings = settingsOf(options);
  const checks: Check[] = [
    checkMachine,
    checkDataFolder,
    checkDatabase,
    checkStorage,
    checkProxies,
    checkSequencer,
    checkPublicUrl,
    checkKeys,
    comfyuiCheck(workflows),
  ];
  const findings = (await Promise.all(checks.map((check) => check(settings)))).flat();
  process.stdout.write(options.json ? `${JSON.stringify({ findings }, null, 2)}\n` : describe(findings));
  const failed = findings.filter(({ status }) => status === 'fail').length;
  if (failed)
    throw new CommandError(`${failed === 1 ? '1 check' : `${failed} checks`} failed. The lines above say what to do.`);
}

function settingsOf({
  dataDir,
  database,
  artifacts,
  publicUrl,
  minFree,
  sequencer,
  comfyui = [],
}: DoctorOptions): Settings {
  const { HEURIST_SEQUENCER_URL, HEURIST_WORKFLOW_URL, HEURIST_API_KEY, HEURIST_MINER_KEY, HEURIST_OPERATOR_KEY } =
    process.env;
  const address = sequencer || HEURIST_SEQUENCER_URL || HEURIST_WORKFLOW_URL;
  return {
    dataDir,
    hasDataDir: existsSync(dataDir),
    database,
    artifacts,
    publicUrl,
    minFree,
    sequencer: address,
    keys: {
      consumer: HEURIST_API_KEY,
      miner: HEURIST_MINER_KEY,
      operator: HEURIST_OPERATOR_KEY,
    },
    comfyui,
  };
}

/** One line for each finding, and one for what to do. */
function describe(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, message, advice }) => [
    `${status.padEnd(4)}  ${check.padEnd(width)}  ${message}`,
    ...(advice ? [`${''.padEnd(6 + width)}  ${advice}`] : []),
  ]);
  return `${lines.join('\n')}\n`;
}
