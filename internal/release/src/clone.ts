import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages, type PublicPackage, publish } from './packages.ts';
import type { Registry } from './registry.ts';
import { run } from './run.ts';

/** Who commits in a copy that is thrown away. */
const AUTHOR = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];

/** A copy of this repository, in which versions are made and published. */
export class Clone {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Copies a commit and installs what it needs.
   *
   * @param commit - default: the last one
   */
  static async create(root: string, folder: string, commit?: string): Promise<Clone> {
    await run('git', ['clone', '--quiet', root, folder], { cwd: root });
    const clone = new Clone(folder);
    if (commit) await clone.#git('checkout', '--quiet', commit);
    await clone.#pnpm('install', '--frozen-lockfile', '--prefer-offline');
    return clone;
  }

  packages(): PublicPackage[] {
    return listPackages(this.#folder);
  }

  /** Makes the versions that the changesets ask for. Returns the packages that got a new one. */
  async version(): Promise<PublicPackage[]> {
    const before = new Map(this.packages().map(({ name, version }) => [name, version]));
    await this.#pnpm('run', 'release:version');
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', 'chore: version packages');
    return this.packages().filter(({ name, version }) => before.get(name) !== version);
  }

  /** Adds a changeset. */
  change(name: string, bump: 'major' | 'minor' | 'patch'): void {
    const path = join(this.#folder, '.changeset/rehearsal.md');
    writeFileSync(path, `---\n"${name}": ${bump}\n---\n\nRehearsed.\n`);
  }

  /** Builds, checks and publishes packages. */
  async publish(packages: readonly PublicPackage[], registry: Registry): Promise<void> {
    const filters = packages.map(({ name }) => `--filter=${name}`);
    await this.#pnpm('exec', 'turbo', 'run', 'pkgcheck', '--output-logs=errors-only', ...filters);
    await publish(packages, registry);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #pnpm(...args: string[]): Promise<void> {
    await run('npm', ['run', '--silent', 'pnpm', '--', ...args], { cwd: this.#folder });
  }

  async #git(...args: string[]): Promise<void> {
    await run('git', [...AUTHOR, ...args], { cwd: this.#folder });
  }
}
