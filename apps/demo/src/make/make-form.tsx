import { Alert, Button, NativeSelect, Stack } from '@mantine/core';
import { useRef } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { useIsUploading } from '../data/uploads.ts';
import { labelOf } from '../lib/words.ts';
import { OptionFields } from './option-fields.tsx';
import { useMakeForm } from './use-make-form.ts';

/** The options of a package's task, from the JSON Schema of the chosen graph. */
export function MakeForm({ family }: { family: FamilyInfo }) {
  const form = useRef<HTMLFormElement>(null);
  const made = useMakeForm(family, form);
  const { workflow, isLooking, options, missing, reasonFor, submit, setOption, setWorkflow, onSubmit } = made;
  const isUploading = useIsUploading();
  const reason = reasonFor(workflow.workflow_id);
  const errorOf = (name: string) => [name, `${labelOf(workflow.files[name] ?? name)} is required.`];
  return (
    <form ref={form} onSubmit={onSubmit} noValidate aria-label={family.title}>
      <Stack>
        {family.workflows.length > 1 && (
          <NativeSelect
            label="Model"
            value={workflow.workflow_id}
            onChange={({ currentTarget }) => setWorkflow(currentTarget.value)}
            data={family.workflows.map(({ workflow_id, title }) => ({
              value: workflow_id,
              label: reasonFor(workflow_id) ? `${title} (not available)` : title,
            }))}
          />
        )}
        {reason && (
          <Alert color="yellow" variant="light" title="Not available right now">
            {reason}
          </Alert>
        )}
        <OptionFields
          workflow={workflow}
          options={options}
          errors={Object.fromEntries(missing.map(errorOf))}
          onChange={setOption}
        />
        <div role="alert">
          {submit.error && (
            <Alert color="red" variant="light" title="The task could not be submitted">
              {submit.error.message}
            </Alert>
          )}
        </div>
        <Button
          type="submit"
          size="md"
          loading={isLooking || submit.isPending || isUploading}
          disabled={reason !== undefined}
        >
          Generate
        </Button>
      </Stack>
    </form>
  );
}
