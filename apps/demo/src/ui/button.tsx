import type { ComponentProps, ReactNode } from 'react';

/** How a button looks. */
export interface ButtonLook {
  look?: 'primary' | 'default' | 'quiet';
  size?: 'compact' | 'normal' | 'large';
  /** An icon alone: then a label is needed. */
  isIcon?: boolean;
}

/** The classes of a button, for links that look like one. */
export const buttonClass = ({ look = 'default', size = 'normal', isIcon = false }: ButtonLook): string =>
  ['button', look, size, isIcon && 'icon'].filter(Boolean).join(' ');

interface ButtonProps extends ComponentProps<'button'>, ButtonLook {
  children: ReactNode;
}

/** Something to press. */
export function Button({ look, size, isIcon, type = 'button', ...others }: ButtonProps) {
  return <button type={type} className={buttonClass({ look, size, isIcon } as ButtonLook)} {...others} />;
}

/** A key, as it is written on a keyboard. */
export function Key({ children }: { children: string }) {
  return (
    <kbd className="kbd" aria-hidden>
      {children}
    </kbd>
  );
}
