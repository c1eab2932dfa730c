import type { DefaultTheme } from 'vitepress';
import { decisions } from './decisions.ts';
import { families } from './generated/families.ts';
import { examples, packages } from './packages.ts';

type Item = DefaultTheme.SidebarItem;

const page = (text: string, link: string): Item => ({ text, link });
const group = (text: string, items: Item[]): Item => ({ text, items });
/** Shut at first. It has a page of its own: without one, VitePress makes a button of it with a button inside. */
const shut = (text: string, link: string, items: Item[]): Item => ({ text, link, items, collapsed: true });

/** Every page, in the order in which one reads. */
export const sidebar: Item[] = [
  group('Start', [
    page('Which one?', '/start/'),
    page('Your app', '/start/app'),
    page('A local network', '/start/local-network'),
    page('Your own GPU', '/start/own-gpu'),
  ]),
  group('Guides', [
    page('All guides', '/guides/'),
    page('Wait and resume', '/guides/wait-and-resume'),
    page('Many at once', '/guides/many-at-once'),
    page('Errors by code', '/guides/errors'),
    page('Why a task waits', '/guides/why-it-waits'),
    page('Files', '/guides/files'),
    page('Your own workflow', '/your-own-workflow'),
    page('Webhooks', '/guides/webhooks'),
    page('Browsers and session tokens', '/guides/browsers'),
    page('Testing your app', '/guides/testing'),
  ]),
  shut(
    'Examples',
    '/examples/',
    examples().map(({ name, link }) => page(name, link)),
  ),
  group('Moving here', [
    page('From heurist@0.0.43', '/guides/from-heurist-0.0.43'),
    page('From fal', '/guides/from-fal'),
    page('From Replicate', '/guides/from-replicate'),
    page('From a bare ComfyUI', '/guides/from-comfyui'),
  ]),
  group('Workflows', [
    page('All workflows', '/workflows/'),
    ...families.map(({ name, title }) => page(title, `/workflows/${name}`)),
    page('ComfyUI compatibility', '/comfyui-compatibility'),
  ]),
  group('Operate', [
    page('Overview', '/operate/'),
    page('Running a network', '/deploy'),
    page('One machine', '/deploy/one-machine'),
    page('A studio', '/deploy/studio'),
    page('A company', '/deploy/company'),
    page('Miners', '/miner/'),
    page('Miners under systemd', '/miner/systemd'),
    page('Miners in containers', '/miner/docker'),
    page('Behind a proxy', '/deploy/proxies'),
    page('Security and limits', '/security'),
    page('Report a hole', '/reporting'),
    page('Monitoring', '/monitoring'),
    page('Backup and restore', '/deploy/backup'),
    page('Updates and rollbacks', '/deploy/updates'),
    page('Scaling', '/scaling'),
  ]),
  group('Reference', [
    page('Commands', '/cli'),
    page('Environment variables', '/environment'),
    page('Names and types', '/reference/'),
    page('Wire protocol', '/protocol'),
    page('Faults', '/faults'),
    page('Where it runs', '/runtimes'),
    page('Benchmarks', '/benchmarks'),
    page('The studio in pictures', '/studio'),
    page('Glossary', '/glossary'),
    page('Changelog', '/changelog'),
  ]),
  shut(
    'Packages',
    '/packages/core',
    packages().map(({ name, link }) => page(name, link)),
  ),
  group('Carry on', [
    page('Contributing', '/contributing'),
    page('Architecture', '/architecture'),
    page('Common changes', '/common-changes'),
    page('Map of the repository', '/map'),
    page('Dependencies', '/dependencies'),
    shut(
      'Decisions',
      '/decisions/',
      decisions().map(({ title, link }) => page(title, link)),
    ),
  ]),
];

export const nav: DefaultTheme.NavItem[] = [
  { text: 'Start', link: '/start/' },
  { text: 'Guides', link: '/guides/' },
  { text: 'Workflows', link: '/workflows/' },
  { text: 'Operate', link: '/operate/' },
  { text: 'Reference', link: '/reference/' },
];
