import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Command, Option } from 'commander';
import {
  list,
  logFormat,
  minFree,
  port,
  privateHosts,
  proxyResolves,
  publicUrl,
  size,
  storagePlaces,
  text,
  wholeNumber,
} from './options.ts';

/** Adds `heurist sequencer`. */
export function addSequencerCommand(program: Command, workflows: readonly WorkflowDefinition[]): void {
  const command = program.command('sequencer').description('start a sequencer');
  for (const option of [...addresses(), ...storage(), ...rules(), logFormat()]) command.addOption(option);
  command.action(async (options) => (await import('../commands/sequencer.ts')).sequencer(options, workflows));
}

function addresses(): Option[] {
  return [
    new Option('--port <number>', 'port to listen on').env('HEURIST_PORT').argParser(port).default(8787),
    new Option('--host <address>', 'address to listen on').env('HEURIST_HOST').argParser(text).default('127.0.0.1'),
    publicUrl(),
  ];
}

function storage(): Option[] {
  return [
    ...storagePlaces(),
    new Option('--retention-days <number>', 'days to keep ended tasks and their files; 0 keeps them forever')
      .env('HEURIST_RETENTION_DAYS')
      .argParser(wholeNumber(0, 36_500))
      .default(30),
    minFree(),
    new Option(
      '--max-stored <size>',
      'most that all files may take, in S3 too: with more, the oldest are deleted early (default: any)',
    )
      .env('HEURIST_MAX_STORED')
      .argParser(size),
    new Option(
      '--audit-days <number>',
      'days to keep the log of what operators did (`heurist audit`); 0 keeps it forever',
    )
      .env('HEURIST_AUDIT_DAYS')
      .argParser(wholeNumber(0, 36_500))
      .default(365),
  ];
}

function rules(): Option[] {
  return [
    new Option('--lease-seconds <number>', 'seconds without a heartbeat after which a task goes to another miner')
      .env('HEURIST_LEASE_SECONDS')
      .argParser(wholeNumber(1, 3600))
      .default(6),
    new Option(
      '--limit <name=value>',
      'limit of the network, such as open_tasks=500 (`heurist keys list` shows all); repeatable, or comma-separated',
    )
      .env('HEURIST_LIMITS')
      .argParser(list),
    new Option(
      '--trust-proxy <addresses>',
      'addresses or networks of proxies whose X-Forwarded-* and Forwarded are believed: 10.0.0.0/8, loopback, private; repeatable, or comma-separated',
    )
      .env('HEURIST_TRUST_PROXY')
      .argParser(list),
    new Option(
      '--cors-origin <origins>',
      'exact origins of web pages that may call this network, such as https://app.example.com; repeatable, or comma-separated',
    )
      .env('HEURIST_CORS_ORIGIN')
      .argParser(list),
    new Option('--allow-legacy-miners', 'accept reference miners, which send no key').env(
      'HEURIST_ALLOW_LEGACY_MINERS',
    ),
    // not the miner's HEURIST_ALLOW_RAW_GRAPHS, which lists node classes
    new Option('--allow-raw-graphs', 'accept tasks that bring their own graph, for miners that allow its nodes').env(
      'HEURIST_ACCEPT_RAW_GRAPHS',
    ),
    privateHosts('that webhooks may be sent to'),
    proxyResolves('webhooks'),
  ];
}
