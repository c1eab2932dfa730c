import { Alert, Button, NativeSelect, Stack } from '@mantine/core';
import { useIsMutating, useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import type { FamilyInfo, Options, OptionValue, WorkflowInfo } from '../shared/api.ts';
import { api, UPLOAD } from './api.ts';
import { reasonAgainst } from './availability.ts';
import { useDraft } from './drafts.ts';
import { OptionFields } from './option-fields.tsx';
import { useNetwork } from './queries.ts';
import { fitting } from './recipe.ts';
import { taskList } from './task-list.ts';
import { labelOf } from './words.ts';

/** The options of a package's task, from the JSON Schema of the chosen graph. */
export function MakeForm({ family }: { family: FamilyInfo }) {
  const { data: network } = useNetwork();
  const [draft, setDraft] = useDraft(family.name);
  const [missing, setMissing] = useState<string[]>([]);
  const isUploading = useIsMutating({ mutationKey: UPLOAD }) > 0;
  const form = useRef<HTMLFormElement>(null);
  const reasons = new Map(
    family.workflows.map(({ workflow_id }) => [workflow_id, reasonAgainst(network, workflow_id)]),
  );
  const workflow = chosen(family, draft.workflow_id, reasons);
  const reason = reasons.get(workflow.workflow_id);
  const options = fitting(draft.options, workflow);

  const submit = useMutation({
    mutationFn: async (given: Options) => {
      const { workflow_id } = workflow;
      const task = { family: family.name, workflow_id, options: given, job_id: newId() };
      const { task_id } = await api.submit(task);
      taskList.add({ task_id, family: family.name, workflow_id, options: given, created_at: Date.now() });
    },
  });

  function setOption(name: string, value: OptionValue | undefined) {
    setMissing((before) => before.filter((other) => other !== name));
    setDraft(({ options: { [name]: _, ...others }, ...before }) => ({
      ...before,
      options: { ...others, ...(value !== undefined && value !== '' && { [name]: value }) },
    }));
  }

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const lacking = workflow.required.filter((name) => options[name] === undefined);
    setMissing(lacking);
    if (lacking[0]) form.current?.querySelector<HTMLElement>(`[data-option="${lacking[0]}"]`)?.focus();
    else submit.mutate(options);
  }

  return (
    <form ref={form} onSubmit={onSubmit} noValidate aria-label={family.title}>
      <Stack>
        {family.workflows.length > 1 && (
          <NativeSelect
            label="Model"
            value={workflow.workflow_id}
            onChange={({ currentTarget: { value } }) => setDraft((before) => ({ ...before, workflow_id: value }))}
            data={family.workflows.map(({ workflow_id, title }) => ({
              value: workflow_id,
              label: reasons.get(workflow_id) ? `${title} - not now` : title,
            }))}
          />
        )}
        {reason && (
          <Alert color="yellow" variant="light" title="Not on this network now">
            {reason}
          </Alert>
        )}
        <OptionFields
          workflow={workflow}
          options={options}
          errors={Object.fromEntries(missing.map((name) => [name, `${labelOf(name)} is needed.`]))}
          onChange={setOption}
        />
        <div role="alert">
          {submit.error && (
            <Alert color="red" variant="light" title="That did not work">
              {submit.error.message}
            </Alert>
          )}
        </div>
        <Button type="submit" size="md" loading={submit.isPending || isUploading} disabled={reason !== undefined}>
          Make
        </Button>
      </Stack>
    </form>
  );
}

/** What was chosen, else the first that the network can run. */
function chosen(
  { workflows }: FamilyInfo,
  workflow_id: string | undefined,
  reasons: ReadonlyMap<string, string | undefined>,
): WorkflowInfo {
  const named = workflows.find((workflow) => workflow.workflow_id === workflow_id);
  return named ?? workflows.find((workflow) => !reasons.get(workflow.workflow_id)) ?? workflows[0]!;
}

/** Also where the page comes by plain http from another machine, which has no `crypto.randomUUID`. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
