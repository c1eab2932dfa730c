import type { ReactNode } from 'react';

interface FieldProps {
  /** Id of the control. */
  id: string;
  label: string;
  /** Beside the label, such as the value of a slider. */
  aside?: ReactNode;
  hint?: string | undefined;
  error?: string | undefined;
  required?: boolean | undefined;
  children: ReactNode;
}

/** A control with its label, what it means, and what is wrong with it. */
export function Field({ id, label, aside, hint, error, required, children }: FieldProps) {
  return (
    <div className="field">
      <div className="field-label">
        <label htmlFor={id}>
          {label}
          {required && <span aria-hidden> *</span>}
        </label>
        {aside}
      </div>
      {hint && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {children}
      {error && (
        <span className="field-error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

/** Attributes of a control inside a {@link Field}. */
export function describedBy(id: string, { hint, error, required }: Pick<FieldProps, 'hint' | 'error' | 'required'>) {
  const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return {
    id,
    ...(ids && { 'aria-describedby': ids }),
    ...(error && { 'aria-invalid': true as const }),
    ...(required && { 'aria-required': true as const }),
  };
}
