import type { OptionValue, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import { MAX_UPLOAD_BYTES } from '../../shared/picture-rules.ts';
import { useVisitor } from '../data/queries.ts';
import { fileOption } from '../lib/file-value.ts';
import { pictureRules } from '../lib/picture-size.ts';
import { ShapePresets } from './fields/shape-presets.tsx';
import { OptionField } from './option-field.tsx';
import { orderOptions } from './option-order.ts';

interface OptionFieldsProps {
  workflow: WorkflowInfo;
  options: TaskOptions;
  /** Option -> what is wrong with it. */
  errors: Record<string, string>;
  /** `undefined` restores the default. */
  onChange: (name: string, value: OptionValue | undefined) => void;
}

/**
 * A field for each option of a graph.
 *
 * @param without - options that have a field already
 */
export function OptionFields({ without = [], ...props }: OptionFieldsProps & { without?: readonly string[] }) {
  const { main, more } = orderOptions(props.workflow);
  const isOpen = more.some((name) => props.options[name] !== undefined);
  return (
    <>
      <Fields names={main.filter((name) => !without.includes(name))} {...props} />
      {more.length > 0 && (
        <details className="more" open={isOpen || undefined}>
          <summary>More options</summary>
          <div className="stack">
            <Fields names={more} {...props} />
          </div>
        </details>
      )}
    </>
  );
}

/** A field for each of these options. */
export function Fields({ names, workflow, options, errors, onChange }: OptionFieldsProps & { names: string[] }) {
  const { data: visitor } = useVisitor();
  const rules = pictureRules(workflow, options, visitor?.limits.uploadBytes ?? MAX_UPLOAD_BYTES);
  const image = options[fileOption(workflow, 'image') ?? ''];
  return names.map((name) => (
    <div key={name} className="stack" style={{ '--gap': 'var(--space-3)' }}>
      {name === 'width' && <ShapePresets workflow={workflow} options={options} onChange={onChange} />}
      <OptionField
        name={name}
        rule={workflow.options[name]!}
        file={workflow.files[name]}
        isRequired={workflow.required.includes(name)}
        value={options[name]}
        image={image}
        error={errors[name]}
        pictureRules={rules}
        onChange={(value) => onChange(name, value)}
      />
    </div>
  ));
}
