import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type RefObject, useState } from 'react';
import type { FamilyInfo, OptionValue } from '../../shared/api.ts';
import { useDraft } from '../data/browser-stores.ts';
import { useNetwork } from '../data/queries.ts';
import { refusedPictures } from '../lib/picture-size.ts';
import { fitting, type Recipe } from '../lib/recipe.ts';
import { labelOf } from '../lib/words.ts';
import { reasonAgainst } from '../network/availability.ts';
import { submitTask, submitVariations } from '../stage/submit.ts';
import { chooseWorkflow } from './choose-workflow.ts';

/** State of a package's form: the chosen graph (the first one, until it is known which can run), its options, what is wrong with them, and the submit. */
export function useMakeForm(family: FamilyInfo, form: RefObject<HTMLFormElement | null>) {
  const { data: network, isPending: isLooking } = useNetwork();
  const [draft, setDraft] = useDraft(family.name);
  const [missing, setMissing] = useState<string[]>([]);
  const reasonFor = (workflow_id: string) => reasonAgainst(network, workflow_id);
  const workflow = chooseWorkflow(family, draft.workflow_id, reasonFor);
  const options = fitting(draft.options, workflow);
  const refused = refusedPictures(workflow, options);
  const submit = useMutation({
    mutationFn: async ({ recipe, isMany }: { recipe: Recipe; isMany: boolean }) => {
      if (isMany) await submitVariations(recipe);
      else await submitTask(recipe);
    },
  });

  function setOption(name: string, value: OptionValue | undefined) {
    setMissing((before) => before.filter((other) => other !== name));
    setDraft(({ options: { [name]: _, ...others }, ...before }) => ({
      ...before,
      options: { ...others, ...(value !== undefined && value !== '' && { [name]: value }) },
    }));
  }

  /** @param isMany - four of it, each with another seed */
  function make(isMany = false) {
    if (reasonFor(workflow.workflow_id)) return;
    const absent = workflow.required.filter((name) => options[name] === undefined);
    setMissing(absent);
    const wrong = absent[0] ?? Object.keys(refused)[0];
    if (wrong) form.current?.querySelector<HTMLElement>(`[data-option="${wrong}"]`)?.focus();
    else submit.mutate({ recipe: { family: family.name, workflow_id: workflow.workflow_id, options }, isMany });
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    make();
  }

  const required = missing.map((name) => [name, `${labelOf(workflow.files[name] ?? name)} is required.`]);
  const errors: Record<string, string> = { ...refused, ...Object.fromEntries(required) };
  const setWorkflow = (workflow_id: string) => setDraft((before) => ({ ...before, workflow_id }));
  return { workflow, isLooking, options, errors, reasonFor, submit, setOption, setWorkflow, make, onSubmit };
}
