import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { root } from './page.ts';
import { parseUnit, parseVariables, type Unit } from './unit.ts';

/** What differs from the machines that the pages speak of. */
export interface MachineOptions {
  /** Takes the place of `/`: `etc` and `var/lib` are in it. */
  folder: string;
  /** Texts of the pages and what takes their place, such as addresses. */
  replace: Readonly<Record<string, string>>;
  /** The environment of every command and service, such as `PATH`. */
  env: NodeJS.ProcessEnv;
  /** Variables of services, such as another port: the last to be set. */
  serviceEnv?: NodeJS.ProcessEnv;
}

/** Lines that make accounts, and install packages of the system. */
const SKIPPED = /^(useradd|apt-get|openssl) .*$/gm;
const ENABLE = /^systemctl daemon-reload && systemctl enable --now (.*)$/m;

/** A machine of the pages without root and systemd: a folder takes the place of its disk, and this one starts what units start. */
export class Machine {
  readonly folder: string;
  readonly #options: MachineOptions;
  readonly #services = new Map<string, ChildProcess>();
  /** What services printed. */
  log = '';

  constructor(options: MachineOptions) {
    this.folder = options.folder;
    this.#options = options;
    for (const path of ['etc/systemd/system', 'etc/polkit-1/rules.d', 'var/lib'])
      mkdirSync(join(this.folder, path), { recursive: true });
  }

  /**
   * Does what a block of a page says. Returns what it printed.
   *
   * @param services - units that can be started here: others are only installed
   */
  async follow(block: string, services: readonly string[] = []): Promise<string> {
    const [before = '', names = '', after = ''] = block.split(ENABLE);
    const printed = await this.sh(before);
    for (const name of names.split(' ')) if (services.includes(name)) this.start(name);
    return printed + (after.trim() && (await this.sh(after)));
  }

  /** Runs lines of a page in the folder `deploy/systemd`. Those that make accounts are left out. */
  async sh(lines: string): Promise<string> {
    const text = this.#adapt(lines.replaceAll(SKIPPED, ':'));
    const options = { cwd: join(root, 'deploy/systemd'), env: this.#options.env };
    try {
      return (await promisify(execFile)('bash', ['-euc', text], options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`These lines failed:\n${text}\n${stdout}${stderr}${this.log}`, { cause: error });
    }
  }

  /** Starts the command of an installed unit, in the unit's environment. */
  start(name: string): void {
    const unit = parseUnit(this.#adapt(this.read(`etc/systemd/system/${name}.service`)));
    const [command = '', ...args] = unit.get('ExecStart')![0]!.split(' ');
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { ...this.#options.env, ...this.#variablesOf(name, unit), ...this.#options.serviceEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        this.log += data;
      });
    this.#services.set(name, child);
  }

  #variablesOf(name: string, unit: Unit): NodeJS.ProcessEnv {
    for (const state of unit.get('StateDirectory') ?? [])
      mkdirSync(join(this.folder, 'var/lib', state), { recursive: true, mode: 0o700 });
    const credentials = join(this.folder, 'run/credentials', name);
    mkdirSync(credentials, { recursive: true, mode: 0o700 });
    for (const [id = '', path = ''] of (unit.get('LoadCredential') ?? []).map((value) => value.split(':')))
      copyFileSync(path, join(credentials, id));
    const lines = (unit.get('Environment') ?? []).map((line) => line.replaceAll('%d', credentials));
    const files = (unit.get('EnvironmentFile') ?? []).map((path) => readFileSync(path, 'utf8'));
    // as systemd: files win over `Environment=`
    return { USER: userInfo().username, ...parseVariables(lines), ...parseVariables(files.join('\n').split('\n')) };
  }

  /** A file, by its path without the first slash. */
  read(path: string): string {
    return readFileSync(resolve(this.folder, path), 'utf8');
  }

  /** Ends a service, as `kill` does; with another signal too. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#services.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#services.keys()].map((name) => this.stop(name)));
  }

  /** Resolves when a service answers 200 at an address. */
  async isUp(name: string, url: string): Promise<void> {
    const child = this.#services.get(name);
    for (;;) {
      const status = await fetch(url).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      if (child?.exitCode !== null) throw new Error(`${name} ended:\n${this.log}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  #adapt(text: string): string {
    const moved = text.replaceAll(/(^|[\s=:"'])\/(etc|var\/lib)\//gm, `$1${this.folder}/$2/`);
    return Object.entries(this.#options.replace).reduce((all, [from, to]) => all.replaceAll(from, to), moved);
  }
}
