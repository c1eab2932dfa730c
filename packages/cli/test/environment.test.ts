// The reference of environment variables is made from the options that read them: `npm run readme` writes it.
import type { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program/create-program.ts';
import { variables } from '../src/program/environment.ts';
import { table } from '../src/workflows/options-table.ts';

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
const commands = withSubcommands(createProgram([]));

test.each(['heurist sequencer', 'heurist miner'])('every setting of %s has a variable', (name) => {
  const { options } = commands.find((command) => nameOf(command) === name)!;
  expect(options.length).toBeGreaterThan(9);
  expect(options.filter(({ envVar }) => !envVar).map(({ long }) => long)).toEqual([]);
});

test('no two settings of a command share a variable', () => {
  for (const { options } of commands) {
    const names = options.flatMap(({ envVar }) => envVar ?? []);
    expect(names).toEqual([...new Set(names)]);
  }
});

function row({ envVar, long, description, defaultValue, argChoices }: Option): string[] {
  const limits = [
    argChoices?.map((choice) => `\`${choice}\``).join(' or '),
    defaultValue !== undefined && `default \`${defaultValue}\``,
  ].filter(Boolean);
  return [`\`${envVar}\``, `\`${long}\``, [description, ...limits].join('; ')];
}

test('docs/environment.md is what the commands say', async () => {
  const sections = new Map(
    commands.map((command) => [nameOf(command), command.options.filter(({ envVar }) => envVar).map(row)]),
  );
  for (const [title, all] of Object.entries(variables)) {
    const rows = all.map(({ name, meaning }) => [`\`${name}\``, '', meaning]);
    sections.set(title, [...(sections.get(title) ?? []), ...rows]);
  }
  const text = [...sections]
    .filter(([, rows]) => rows.length)
    .map(([title, rows]) => `## ${title}\n\n${table([['variable', 'option', 'meaning'], ...rows])}\n`);
  const page = `# Environment variables

Generated from the options by \`npm run readme\`. An option on the command line takes precedence. A variable for a switch,
such as \`--keep-metadata\`, is \`true\` or \`false\`.

${text.join('\n')}`;
  await expect(page).toMatchFileSnapshot('../../../docs/environment.md');
});
