// What changed for users: unreleased changes from `.changeset`, then the changelogs that releases write.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './paths.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The text of a changeset, without its list of packages. */
const textOf = (path: string) =>
  read(path)
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .trim();

/** The page `changelog`. */
export function changelogPage(): string {
  const unreleased = globSync('.changeset/*.md', { cwd: root })
    .filter((path) => !path.endsWith('README.md'))
    .sort()
    .map((path) => `- ${textOf(path).replaceAll('\n', '\n  ')}`);
  const released = globSync('packages/{*,{network,workflows}/*}/CHANGELOG.md', { cwd: root })
    .sort()
    .map((path) => withoutTitle(path, read(path)));
  const parts = [
    '# Changelog',
    ...(unreleased.length ? ['## Not released yet', unreleased.join('\n')] : []),
    ...released,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Each package has its own versions: its name becomes a heading above them. */
function withoutTitle(path: string, text: string): string {
  const { name } = JSON.parse(read(join(dirname(path), 'package.json')));
  return `## ${name}\n\n${text.replace(/^# .+\n+/, '').replaceAll(/^##/gm, '###')}`;
}
