import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, Option } from 'commander';
import { comfyui, minFree, publicUrl, storagePlaces } from './options.ts';

/** Adds `heurist doctor`. */
export function addDoctorCommand(program: Command, workflows: readonly WorkflowDefinition[]): void {
  const doctor = program
    .command('doctor')
    .description(
      'check what is set up here, and say what to do: database, storage, disk, clocks, proxies, addresses, keys, ComfyUI',
    );
  const options = [
    ...storagePlaces(),
    minFree(),
    publicUrl(),
    new Option('--sequencer <url>', 'address of the sequencer (default: HEURIST_WORKFLOW_URL)').env(
      'HEURIST_SEQUENCER_URL',
    ),
    comfyui(),
  ];
  for (const option of options) doctor.addOption(option);
  doctor
    .option('--json', 'print JSON')
    .action(async (given) => (await import('../commands/doctor.ts')).doctor(given, workflows));
}
