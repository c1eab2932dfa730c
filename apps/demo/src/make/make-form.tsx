import { IconLayoutGrid, IconSparkles } from '@tabler/icons-react';
import { useId, useRef } from 'react';
import type { FamilyInfo, WorkflowInfo } from '../../shared/api.ts';
import { useIsUploading } from '../data/uploads.ts';
import { useKey } from '../keys/use-key.ts';
import { modelName } from '../lib/model-name.ts';
import { Button, Key } from '../ui/button.tsx';
import { describedBy, Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { purposeOf } from './family-purpose.ts';
import { Fields, OptionFields } from './option-fields.tsx';
import { sharedOptions } from './option-order.ts';
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
  const purpose = purposeOf(family.name);
  const shared = sharedOptions(family.workflows);
  const fields = { workflow, options, errors, onChange: setOption };
  return (
    <form ref={form} className="make-form" onSubmit={onSubmit} noValidate aria-label={family.title}>
      <div className="make-fields stack">
        <div className="stack" style={{ '--gap': 'var(--space-1)' }}>
          <h1>{family.title}</h1>
          {purpose && <p className="muted">{purpose}</p>}
        </div>
        {family.workflows.length > 1 && (
          <ModelChoice
            family={family}
            workflow={isLooking ? undefined : workflow}
            reasonFor={reasonFor}
            onChoose={setWorkflow}
          />
        )}
        <Fields {...fields} names={shared} />
        {/* which model it is, and so which other fields there are, is known once the network has answered: nothing may jump */}
        {isLooking ? (
          <div className="skeleton fill" role="status" aria-label="Loading" />
        ) : (
          <>
            {reason && (
              <Notice tone="warn" title="Not available right now">
                {reason}
              </Notice>
            )}
            <OptionFields {...fields} without={shared} />
          </>
        )}
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
  /** `undefined` until it is known which one can run. */
  workflow: WorkflowInfo | undefined;
  reasonFor: (workflow_id: string) => string | undefined;
  onChoose: (workflow_id: string) => void;
}

function ModelChoice({ family, workflow, reasonFor, onChoose }: ModelChoiceProps) {
  const id = useId();
  const hint = workflow?.title ?? 'The first that the network can run';
  return (
    <Field id={id} label="Model" hint={workflow && hint === modelName(workflow) ? undefined : hint}>
      <select
        {...describedBy(id, { hint, error: undefined, required: false })}
        className="input"
        disabled={!workflow}
        value={workflow?.workflow_id ?? ''}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {!workflow && <option value="">Asking the network …</option>}
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
