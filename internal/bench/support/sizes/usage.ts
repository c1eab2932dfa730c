// What processes take, from Linux's /proc: each with all of its children.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Memory and CPU time of a process and its children. */
export interface Usage {
  /** Bytes. What processes share is counted once. */
  memory: number;
  /** Seconds since they started, children that have ended included. */
  cpu: number;
}

interface Process {
  pid: number;
  parent: number;
  cpu: number;
}

let ticks: number | undefined;
/** Of the clock that /proc counts in, per second. */
const ticksPerSecond = () => {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
};

/** What a process and its children take at this moment. */
export function readUsage(pid: number): Usage {
  const members = withChildren(pid, listProcesses());
  return {
    memory: members.reduce((sum, { pid }) => sum + readMemory(pid), 0),
    cpu: members.reduce((sum, { cpu }) => sum + cpu, 0),
  };
}

function withChildren(pid: number, processes: readonly Process[]): Process[] {
  const own = processes.filter((process) => process.pid === pid);
  const children = processes.filter(({ parent }) => parent === pid);
  return [...own, ...children.flatMap((child) => withChildren(child.pid, processes))];
}

function listProcesses(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    // it may have ended meanwhile
    const stat = readUnlessGone(`/proc/${pid}/stat`);
    return stat ? [{ pid: Number(pid), ...parseStat(stat) }] : [];
  });
}

/** Parses a line of /proc/PID/stat. The name before the last bracket may hold anything. */
export function parseStat(stat: string): { parent: number; cpu: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // its own time in programs and in the kernel, and the same of children that have ended
  const times = fields.slice(11, 15).map(Number);
  return { parent: Number(fields[1]), cpu: times.reduce((sum, time) => sum + time, 0) / ticksPerSecond() };
}

/** Bytes of a process, pages that others use too in shares. */
function readMemory(pid: number): number {
  const [, kilobytes = '0'] = /^Pss:\s+(\d+)/m.exec(readUnlessGone(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes) * 1024;
}

function readUnlessGone(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
