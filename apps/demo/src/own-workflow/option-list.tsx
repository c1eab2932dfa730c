import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { capitalized, labelOf } from '../lib/words.ts';
import { Button } from '../ui/button.tsx';
import { describedBy, Field } from '../ui/field.tsx';
import { type Choices, withName, withOption, withoutOption } from './choices.ts';
import type { ShownOption } from './finder.ts';
import { optionFacts } from './option-facts.ts';
import { useChange } from './use-change.tsx';
import { useMore } from './use-more.tsx';
import type { Change } from './use-own-workflow.ts';

interface OptionListProps {
  options: readonly ShownOption[];
  choices: Choices;
  onChange: Change;
}

/** What the users of the workflow will set; each can be renamed or dropped. */
export function OptionList({ options, choices, onChange }: OptionListProps) {
  const { change, problem } = useChange(onChange);
  const { shown, more } = useMore(options);
  return (
    <>
      {options.length ? (
        <ul className="panels">
          {shown.map((option) => (
            <Option
              key={JSON.stringify(option.origin)}
              option={option}
              onRename={(name) => onChange(withName(choices, option.origin, name))}
              onDrop={() => change(withoutOption(choices, option.origin))}
            />
          ))}
        </ul>
      ) : (
        <p>No options: the graph always makes the same.</p>
      )}
      {more}
      {problem}
      {choices.dropped.length > 0 && (
        <div className="row">
          <span className="muted">Dropped, so that they stay fixed:</span>
          {choices.dropped.map((name) => (
            <PutBack key={name} name={name} onClick={() => change(withOption(choices, name))} />
          ))}
        </div>
      )}
    </>
  );
}

/** It has the focus of the button that went away. */
function PutBack({ name, onClick }: { name: string; onClick: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <Button ref={button} size="compact" onClick={onClick}>
      Put back {name}
    </Button>
  );
}

interface OptionProps {
  option: ShownOption;
  /** Why it cannot have a name. */
  onRename: (name: string) => string | undefined;
  onDrop: () => void;
}

function Option({ option, onRename, onDrop }: OptionProps) {
  const [isRenaming, setRenaming] = useState(false);
  const rename = useRef<HTMLButtonElement>(null);
  const endRenaming = () => {
    setRenaming(false);
    rename.current?.focus();
  };
  const { name, rule, file, isRequired, isSeed, places } = option;
  const title = labelOf(file ? option.parameter : name);
  return (
    <li className="panel stack" style={{ '--gap': 'var(--space-2)' }} data-option={name}>
      <div className="row spread">
        <h3 className="breaks">
          {title} <code className="muted">{name}</code>
        </h3>
        <span className="row">
          {!isSeed && (
            <Button
              ref={rename}
              look="quiet"
              size="compact"
              aria-label={`Rename ${name}`}
              aria-expanded={isRenaming}
              onClick={() => setRenaming(true)}
            >
              Rename
            </Button>
          )}
          <Button look="quiet" size="compact" onClick={onDrop} aria-label={`Drop ${name}`}>
            Drop
          </Button>
        </span>
      </div>
      {isRenaming && <NewName option={option} onName={onRename} onDone={endRenaming} />}
      {rule.description && <p className="muted">{capitalized(rule.description)}.</p>}
      <ul className="row">
        {isRequired && <li className="tag">required</li>}
        {optionFacts(option).map((fact) => (
          <li key={fact} className="tag" dir="auto">
            {fact}
          </li>
        ))}
      </ul>
      <ul className="muted small breaks">
        {places.map(({ place, class_type, title: node }) => (
          <li key={place}>
            sets {place} of {class_type}
            {node && (
              <>
                {' '}
                “<bdi>{node}</bdi>”
              </>
            )}
          </li>
        ))}
      </ul>
    </li>
  );
}

interface NewNameProps {
  option: ShownOption;
  onName: OptionProps['onRename'];
  onDone: () => void;
}

function NewName({ option: { name, parameter }, onName, onDone }: NewNameProps) {
  const [text, setText] = useState(parameter);
  const [error, setError] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const id = `name-${name}`;
  function submit(event: FormEvent) {
    event.preventDefault();
    const problem = text === parameter ? undefined : onName(text);
    setError(problem);
    if (problem === undefined) onDone();
  }
  const leave = ({ key }: KeyboardEvent) => key === 'Escape' && onDone();
  return (
    <form onSubmit={submit}>
      <Field id={id} label={`New name of ${name}`} error={error}>
        <span className="row">
          <input
            {...describedBy(id, { error })}
            ref={input}
            className="input own-name"
            value={text}
            maxLength={64}
            spellCheck={false}
            autoComplete="off"
            onChange={({ currentTarget }) => setText(currentTarget.value)}
            onKeyDown={leave}
          />
          <Button type="submit">Save</Button>
          <Button look="quiet" onClick={onDone}>
            Cancel
          </Button>
        </span>
      </Field>
    </form>
  );
}
