// A checker of StrykerJS that lets only a sample of the mutants through. It sees all of them at once, in one group.
import { type CheckResult, CheckStatus } from '@stryker-mutator/api/check';
import type { Mutant, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import { drawSample } from './sample.ts';

class SampleChecker {
  static inject = tokens(commonTokens.options);
  readonly #options: { size: number; seed: string };

  constructor(options: StrykerOptions) {
    this.#options = options.sample as { size: number; seed: string };
  }

  async init(): Promise<void> {}

  async group(mutants: Mutant[]): Promise<string[][]> {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const { size, seed } = this.#options;
    const keyOf = ({ fileName, location: { start, end }, replacement }: Mutant) =>
      [fileName.replace(/^.*\/packages\//, ''), start.line, start.column, end.line, end.column, replacement].join(':');
    const chosen = new Set(drawSample(mutants, size, seed, keyOf).map(({ id }) => id));
    const results = mutants.map(({ id }): [string, CheckResult] => [
      id,
      chosen.has(id)
        ? { status: CheckStatus.Passed }
        : { status: CheckStatus.CompileError, reason: 'not in the sample' },
    ]);
    return Object.fromEntries(results);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)];
