import { IconLayoutGrid, IconSparkles } from '@tabler/icons-react';
import { useId, useRef } from 'react';
import type { FamilyInfo, WorkflowInfo } from '../../shared/api.ts';
import { useIsUploading } from '../data/uploads.ts';
import { useKey } from '../keys/use-key.ts';
import { modelName } from '../lib/model-name.ts';
import { Button, Key } from '../ui/button.tsx';
import { describedBy, Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { OptionFields } from './option-fields.tsx';
import { useMakeForm } from './use-make-form.ts';

/** The options of a package's task, from the JSON Schema of the chosen graph. */
export function MakeForm({ family }: { family: FamilyInfo }) {
  const form = useRef<HTMLFormElement>(null);
  const made = useMakeForm(family, form);
  const { workflow, isLooking, options, errors, reasonFor, submit, setOption, setWorkflow, make, onSubmit } = made;
  const isBusy = useIsUploading() || submit.isPending || isLooking;
  const reason = reasonFor(workflow.workflow_id);
  useKey('make', isBusy || reason ? undefined : () => make());
  useKey('prompt', () => form.current?.querySelector<HTMLElement>('[data-prompt], textarea, input')?.focus());
  const fields = (
    <>
      {family.workflows.length > 1 && (
        <ModelChoice family={family} workflow={workflow} reasonFor={reasonFor} onChoose={setWorkflow} />
      )}
      {reason && (
        <Notice tone="warn" title="Not available right now">
          {reason}
        </Notice>
      )}
      <OptionFields workflow={workflow} options={options} errors={errors} onChange={setOption} />
    </>
  );
  return (
    <form ref={form} className="make-form" onSubmit={onSubmit} noValidate aria-label={family.title}>
      <div className="make-fields stack">
        <h1>{family.title}</h1>
        {/* which model it is, and so which fields there are, is known once the network has answered: nothing may jump */}
        {isLooking ? <div className="skeleton tall" role="status" aria-label="Loading" /> : fields}
      </div>
      <div className="make-go">
        <div role="alert">
          {submit.error && (
            <Notice tone="bad" title="The task could not be submitted">
              {submit.error.message}
            </Notice>
          )}
        </div>
        <div className="row" style={{ flexWrap: 'nowrap' }}>
          <Button
            type="submit"
            look="primary"
            size="large"
            style={{ flex: 1 }}
            disabled={reason !== undefined}
            aria-disabled={isBusy}
            onClick={(event) => isBusy && event.preventDefault()}
          >
            <IconSparkles size={18} />
            Generate
            <Key>Ctrl ⏎</Key>
          </Button>
          {workflow.options.seed && (
            <Button
              size="large"
              disabled={reason !== undefined}
              aria-disabled={isBusy}
              title="Four variations, each with another seed"
              onClick={() => !isBusy && make(true)}
            >
              <IconLayoutGrid size={18} />
              Four
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}

interface ModelChoiceProps {
  family: FamilyInfo;
  workflow: WorkflowInfo;
  reasonFor: (workflow_id: string) => string | undefined;
  onChoose: (workflow_id: string) => void;
}

function ModelChoice({ family, workflow, reasonFor, onChoose }: ModelChoiceProps) {
  const id = useId();
  const { title } = workflow;
  return (
    <Field id={id} label="Model" hint={title === modelName(workflow) ? undefined : title}>
      <select
        {...describedBy(id, { hint: title, error: undefined, required: false })}
        className="input"
        value={workflow.workflow_id}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {family.workflows.map((one) => (
          <option key={one.workflow_id} value={one.workflow_id}>
            {modelName(one)}
            {reasonFor(one.workflow_id) && ' (not available)'}
          </option>
        ))}
      </select>
    </Field>
  );
}
