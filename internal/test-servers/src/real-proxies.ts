// nginx, HAProxy and Caddy with the configurations of docs/deploy/proxies.md.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';

const page = readFileSync(new URL('../../../docs/deploy/proxies.md', import.meta.url), 'utf8');

/** A block of configuration below a heading of the page, by its place there. */
function block(heading: string, place = 0): string {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const code = [...section.matchAll(/^```text\n([\s\S]*?)^```$/gm)][place]?.[1];
  if (code === undefined) throw new Error(`docs/deploy/proxies.md has no such block below "${heading}".`);
  return code;
}

/** What a page's lines take the place of, below a path. */
const REPLACED = {
  nginx: / {4}location \/ \{\n {8}proxy_pass http:\/\/heurist;\n/,
  haproxy: / {4}default_backend sequencers\n/,
  caddy: / {4}reverse_proxy[^{]*\{[\s\S]*?\n {4}\}\n/,
};

export interface ProxySetup {
  /** For its files. */
  folder: string;
  certificate: TestCertificate;
  /** Ports of the two sequencers that the page names. */
  ports: readonly [number, number];
  isBelowPath: boolean;
  /** Lines of another page, in the place of those of docs/deploy/proxies.md. */
  lines?: string;
}

interface Kind {
  /** Of its section. */
  heading: string;
  /** Wraps the lines of the page into a whole file. Returns the command that runs it. */
  command(config: string, folder: string): string[];
}

/** By the command that runs it. */
export const proxies: Record<keyof typeof REPLACED, Kind> = {
  nginx: {
    heading: 'nginx',
    command(config, folder) {
      for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${join(folder, name.replace('client_', ''))};`,
      );
      const user = process.getuid?.() === 0 ? 'user root;' : '';
      const main = `${user} daemon off; master_process off; pid ${folder}/pid; error_log stderr;`;
      return ['-c', save(folder, `${main} events {} http { access_log off; ${paths.join(' ')}\n${config} }`)];
    },
  },
  haproxy: { heading: 'HAProxy', command: (config, folder) => ['-db', '-f', save(folder, config)] },
  caddy: {
    heading: 'Caddy',
    command(config, folder) {
      const options = `{\n admin off\n auto_https disable_redirects\n storage file_system ${folder}/storage\n}\n`;
      return ['run', '--adapter', 'caddyfile', '--config', save(folder, options + config)];
    },
  },
};

function save(folder: string, config: string): string {
  const path = join(folder, 'config');
  writeFileSync(path, config);
  return path;
}

/** The path of a program, also where only administrators find it; `undefined` if it is not installed. */
export function findProxy(name: string): string | undefined {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
  return spawnSync('sh', ['-c', `command -v ${name}`], { env, encoding: 'utf8' }).stdout.trim() || undefined;
}

/** Runs a proxy with the lines of the page; only ports and paths of files differ. Resolves when it accepts connections. */
export async function startProxy(
  name: keyof typeof REPLACED,
  { folder, certificate, ports, isBelowPath, lines }: ProxySetup,
) {
  const { heading, command } = proxies[name];
  const port = await freePort();
  const whole = lines ?? block(heading);
  const place = Object.keys(REPLACED).indexOf(name);
  const placed = isBelowPath ? whole.replace(REPLACED[name], block('Below a path', place)) : whole;
  if (isBelowPath && placed === whole) throw new Error(`The lines for a path do not fit into the block of ${name}.`);
  const config = placed
    .replace(/crt \/etc\/ssl\/tasks\.example\.com\.pem/, `crt ${certificate.both}`)
    .replaceAll('/etc/ssl/tasks.example.com.pem', certificate.certificate)
    .replaceAll('/etc/ssl/tasks.example.com.key', certificate.key)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace(/^tasks\.example\.com \{/m, `https://localhost:${port} {\n    bind 127.0.0.1`)
    .replaceAll('tasks.example.com', 'localhost')
    .replaceAll(':8787', `:${ports[0]}`)
    .replaceAll(':8788', `:${ports[1]}`);
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(findProxy(name)!, command(config, folder), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data;
    });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  for (const end = Date.now() + 10_000; !(await accepts(port)); ) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} does not start: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    pid: child.pid!,
    log: () => output,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}
