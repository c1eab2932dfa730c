import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type RefObject, useState } from 'react';
import type { FamilyInfo, OptionValue, TaskOptions } from '../../shared/api.ts';
import { api } from '../data/api.ts';
import { taskList, useDraft } from '../data/browser-stores.ts';
import { useNetwork } from '../data/queries.ts';
import { fitting } from '../lib/recipe.ts';
import { reasonAgainst } from '../network/availability.ts';
import { chooseWorkflow } from './choose-workflow.ts';

/** State of a package's form: the chosen graph (the first one, until it is known which can run), its options, what is missing, and the submit. */
export function useMakeForm(family: FamilyInfo, form: RefObject<HTMLFormElement | null>) {
  const { data: network, isPending: isLooking } = useNetwork();
  const [draft, setDraft] = useDraft(family.name);
  const [missing, setMissing] = useState<string[]>([]);
  const reasonFor = (workflow_id: string) => reasonAgainst(network, workflow_id);
  const workflow = chooseWorkflow(family, draft.workflow_id, reasonFor);
  const options = fitting(draft.options, workflow);
  const submit = useSubmit(family.name, workflow.workflow_id);

  function setOption(name: string, value: OptionValue | undefined) {
    setMissing((before) => before.filter((other) => other !== name));
    setDraft(({ options: { [name]: _, ...others }, ...before }) => ({
      ...before,
      options: { ...others, ...(value !== undefined && value !== '' && { [name]: value }) },
    }));
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const absent = workflow.required.filter((name) => options[name] === undefined);
    setMissing(absent);
    if (absent[0]) form.current?.querySelector<HTMLElement>(`[data-option="${absent[0]}"]`)?.focus();
    else submit.mutate(options);
  }

  const setWorkflow = (workflow_id: string) => setDraft((before) => ({ ...before, workflow_id }));
  return { workflow, isLooking, options, missing, reasonFor, submit, setOption, setWorkflow, onSubmit };
}

function useSubmit(family: string, workflow_id: string) {
  return useMutation({
    mutationFn: async (options: TaskOptions) => {
      const { task_id } = await api.submit({ family, workflow_id, options, job_id: newId() });
      taskList.add({ task_id, family, workflow_id, options, created_at: Date.now() });
    },
  });
}

/** `crypto.randomUUID` is missing on pages that come over plain HTTP from another machine. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
