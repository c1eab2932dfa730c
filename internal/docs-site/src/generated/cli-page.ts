import { table } from '@heurist/cli/options-table';
import type { Argument, Command, Option } from 'commander';

/** Every command with its arguments, options and variables, as the program itself knows them. */
export function cliPage(program: Command): string {
  return `# Commands

The command is \`npx @heurist/cli\`, or \`heurist\` after \`npm install -g @heurist/cli\`. What each is for, in a few words: [@heurist/cli](../packages/cli).
Generated from the program by \`npm run readme\`.

${withSubcommands(program).slice(1).map(section).join('\n')}`;
}

const withSubcommands = (command: Command): Command[] => [
  command,
  ...(isRun(command) ? [] : command.commands.filter((sub) => sub.name() !== 'help').flatMap(withSubcommands)),
];

/** Its subcommands are the workflows, whose flags are their options: pages of workflows list those. */
const isRun = (command: Command) => command.name() === 'run';

function optionsOf(command: Command): Option[] {
  const [first, ...others] = isRun(command) ? command.commands : [command];
  const isEverywhere = ({ long }: Option) =>
    others.every(({ options }) => options.some((other) => other.long === long));
  return first!.options.filter((option) => !option.hidden && isEverywhere(option));
}

const WORKFLOW =
  'Each workflow has its own flags, which are its options: see [Workflows](workflows/README.md), or add `--help`.';

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

function section(command: Command): string {
  const options = optionsOf(command);
  const parts = [
    `## ${nameOf(command)}`,
    sentence(command.description()),
    `\`${[nameOf(command), ...command.registeredArguments.map(usage), ...(options.length ? ['[OPTIONS]'] : [])].join(' ')}\``,
    ...(command.registeredArguments.length
      ? [table([['argument', 'meaning'], ...command.registeredArguments.map(argumentRow)])]
      : []),
    ...(isRun(command) ? [WORKFLOW] : []),
    ...(options.length ? [table([['option', 'meaning', 'variable'], ...options.map(optionRow)])] : []),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

const sentence = (text: string) => text && `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!]$/.test(text) ? '' : '.'}`;
const usage = (argument: Argument) => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};
const argumentRow = (argument: Argument) => [`\`${argument.name()}\``, withChoices(argument.description, argument)];
const optionRow = (option: Option) => [
  `\`${option.flags}\``,
  withChoices(option.description, option),
  option.envVar ? `\`${option.envVar}\`` : '',
];

function withChoices(
  description: string,
  { argChoices, defaultValue }: Pick<Option, 'argChoices' | 'defaultValue'>,
): string {
  const choices = argChoices?.map((choice) => `\`${choice}\``).join(' or ');
  const fallback =
    [undefined, false].includes(defaultValue) || defaultValue?.length === 0 ? undefined : `default \`${defaultValue}\``;
  return escapeHtml([description, choices, fallback].filter(Boolean).join('; '));
}

/** Angle brackets would be HTML. */
const escapeHtml = (text: string) => text.replaceAll(/<(?=[\w/])/g, '\\<');
