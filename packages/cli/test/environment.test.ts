// The reference of environment variables is made from the options that read them: `npm run readme` writes it.
import { expect, test } from 'vitest';
import { variables } from '../src/environment.ts';
import { table } from '../src/options-table.ts';
import { createProgram } from '../src/program.ts';

test('docs/environment.md is what the commands say', async () => {
  const sections = createProgram([])
    .commands.map((command) => ({
      title: `heurist ${command.name()}`,
      rows: command.options
        .filter(({ envVar }) => envVar)
        .map(({ envVar, long, description, defaultValue, mandatory, argChoices }) => {
          const limits = [
            mandatory && 'required',
            argChoices?.map((choice) => `\`${choice}\``).join(' or '),
            defaultValue !== undefined && `default \`${defaultValue}\``,
          ].filter(Boolean);
          return [`\`${envVar}\``, `\`${long}\``, [description, ...limits].join('; ')];
        }),
    }))
    .filter(({ rows }) => rows.length);
  const others = Object.entries(variables).map(([title, all]) => ({
    title: title === 'apps' ? 'Apps that use the SDK' : `heurist ${title}`,
    rows: all.map(({ name, meaning }) => [`\`${name}\``, '', meaning]),
  }));
  const text = [...sections, ...others].map(
    ({ title, rows }) => `## ${title}\n\n${table([['variable', 'option', 'meaning'], ...rows])}\n`,
  );
  const page = `# Environment variables\n\nMade from the options themselves by \`npm run readme\`. An option that is given wins.\n\n${text.join('\n')}`;
  await expect(page).toMatchFileSnapshot('../../../docs/environment.md');
});
