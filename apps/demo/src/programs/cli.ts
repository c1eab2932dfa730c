import type { OptionValue } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import { isInsecure, type ProgramStep, parameterOf, readsOf, variableOf, type WriteProgram } from './program-step.ts';
import { shellPath, shellText } from './shell-text.ts';

/** Writes commands of the CLI: each prints the paths of what it saves, which the next one reads. */
export const writeCli: WriteProgram = (steps, networkUrl) => {
  const more = isInsecure(networkUrl) ? ['--allow-insecure-http'] : [];
  const commands = steps.map((step, index) => {
    const command = commandOf(step, steps, more);
    const isLast = index === steps.length - 1;
    return isLast ? command : `${variableOf(steps, step.task_id)}=$(${command})`;
  });
  const reads = readsOf(steps);
  return `# in a shell where HEURIST_API_KEY is your key${reads ? `; ${reads}` : ''}
export HEURIST_WORKFLOW_URL=${shellText(networkUrl)}
${commands.join(' &&\n')}
`;
};

function commandOf(step: ProgramStep, steps: readonly ProgramStep[], more: readonly string[]): string {
  const { info, workflow_id, options } = step;
  const graph = info.workflows.length > 1 ? [`--workflow-id=${shellText(workflow_id)}`] : [];
  const flags = Object.entries(options).map(
    ([option, value]) => `--${parameterOf(step, option)}=${wordOf(value, steps)}`,
  );
  return ['npx --yes @heurist/cli run', info.name, ...graph, ...flags, ...waitOf(info), ...more].join(' ');
}

/** Models of video and sound take long. */
const waitOf = ({ makes }: ProgramStep['info']) => (makes === 'image' ? [] : ['--timeout=3600']);

function wordOf(value: OptionValue, steps: readonly ProgramStep[]): string {
  if (!isFile(value)) return shellText(String(value));
  if ('url' in value) return shellPath(value.name);
  return `"$(printf '%s' "$${variableOf(steps, value.task_id)}" | sed -n ${value.output + 1}p)"`;
}
