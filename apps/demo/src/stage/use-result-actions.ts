import {
  IconArrowsMaximize,
  IconCode,
  IconDownload,
  IconLayoutGrid,
  IconLink,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { useNetwork, useVisitor } from '../data/queries.ts';
import type { OutputValue } from '../lib/dragged-output.ts';
import { findWorkflow, type Recipe } from '../lib/recipe.ts';
import { iconOf } from '../make/family-icons.ts';
import { reasonAgainst } from '../network/availability.ts';
import type { ProgramLanguage, ProgramStep } from '../programs/index.ts';
import { chainOf } from '../task/chain-of.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { followUps } from './follow-ups.ts';
import { useRun } from './use-run.ts';

/** A result that something can be done with. */
export interface ResultProps {
  state: TaskState;
  recipe: Recipe | undefined;
  catalogue: FamilyInfo[];
  /** Index of the output that the actions are about. */
  output?: number;
}

/** Everything that can be done with a task that has ended: what cannot be done now says why. */
export function useResultActions({ state, recipe, catalogue, output = 0 }: ResultProps) {
  const { data: network } = useNetwork();
  const { data: visitor } = useVisitor();
  const { run, runVariations, open, error, isBusy } = useRun();
  const [copied, setCopied] = useState('');
  const [program, setProgram] = useState<CopiedProgram>();
  const { task_id, outputs } = state;
  const made = outputs?.[output];
  const picture: OutputValue = { task_id, output, width: made?.width, height: made?.height };
  const next = made?.kind === 'image' ? followUps(catalogue, network, picture) : [];
  const workflow = findWorkflow(catalogue, recipe?.workflow_id)?.workflow;
  const against = recipe && reasonAgainst(network, recipe.workflow_id);
  const prompt = recipe?.options.prompt;

  const upscale = next
    .filter(({ isWhole }) => isWhole)
    .map<MenuItem>(({ family, workflow: { workflow_id }, options, reason }) => ({
      label: family.title,
      Icon: IconArrowsMaximize,
      shortcut: 'U',
      reason,
      onSelect: () => run({ family: family.name, workflow_id, options }),
    }))[0];
  const variations: MenuItem | undefined = recipe &&
    workflow?.options.seed && {
      label: 'Four variations',
      Icon: IconLayoutGrid,
      shortcut: 'V',
      reason: against,
      onSelect: () => runVariations(recipe),
    };
  const again: MenuItem | undefined = recipe && {
    label: 'Again with these settings',
    Icon: IconRefresh,
    shortcut: 'R',
    onSelect: () => open(recipe),
  };
  const continued = next
    .filter(({ isWhole }) => !isWhole)
    .map<MenuItem>(({ family, options, reason }) => ({
      label: family.title,
      Icon: iconOf(family.name),
      reason,
      onSelect: () => open({ family: family.name, options: { ...options, ...(prompt !== undefined && { prompt }) } }),
    }));
  const download: MenuItem | undefined = made && {
    label: 'Download',
    Icon: IconDownload,
    shortcut: 'D',
    href: `${made.url}?download`,
  };
  const programs = made && visitor ? copyActions({ state, catalogue }, visitor.networkUrl, setCopied, setProgram) : [];
  return {
    upscale,
    variations,
    again,
    continued,
    download,
    programs,
    kept: keptActions(task_id, setCopied),
    copied,
    program,
    closeProgram: () => setProgram(undefined),
    error,
    isBusy,
  };
}

/** A program that was copied and reads files: they are offered with it. */
export interface CopiedProgram {
  label: string;
  language: ProgramLanguage;
  steps: ProgramStep[];
}

const languages: [language: ProgramLanguage, label: string][] = [
  ['typescript', 'Copy as TypeScript'],
  ['cli', 'Copy as CLI commands'],
  ['curl', 'Copy as curl'],
];

/** The programs that give the same result. Where the page may not write to the clipboard, they are on the task's page. */
function copyActions(
  { state, catalogue }: Pick<ResultProps, 'state' | 'catalogue'>,
  networkUrl: string,
  onCopied: (what: string) => void,
  onFiles: (program: CopiedProgram) => void,
): MenuItem[] {
  if (!navigator.clipboard) return [{ label: 'Show the code', Icon: IconCode, href: `/tasks/${state.task_id}` }];
  return languages.map(([language, label]) => ({
    label,
    Icon: IconCode,
    async onSelect() {
      const [programs, steps] = await Promise.all([import('../programs/index.ts'), chainOf(state, catalogue)]);
      const { text, files } = programs.writeProgram(language, steps, networkUrl);
      await navigator.clipboard.writeText(text);
      const copied = `${programs.PROGRAMS[language].label} copied`;
      onCopied(`${copied}.`);
      if (files.length) onFiles({ label: copied, language, steps });
    },
  }));
}

/** Where the page may not write to the clipboard, a link to copy by hand. */
function keptActions(task_id: string, onCopied: (what: string) => void): MenuItem[] {
  const link = `${location.origin}/tasks/${task_id}`;
  const copyLink = async () => {
    await navigator.clipboard.writeText(link);
    onCopied('Link copied.');
  };
  const copy: MenuItem = navigator.clipboard
    ? { label: 'Copy link', Icon: IconLink, onSelect: copyLink }
    : { label: 'Link to this task', Icon: IconLink, href: link };
  if (!taskList.find(task_id)) return [copy];
  return [copy, { label: 'Remove', Icon: IconTrash, onSelect: () => taskList.remove(task_id) }];
}
