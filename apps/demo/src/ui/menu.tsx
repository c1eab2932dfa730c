import { type ComponentType, type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { type ButtonLook, buttonClass, Key } from './button.tsx';

/** Something that can be done, or the reason why not now. */
export interface MenuItem {
  label: string;
  Icon?: ComponentType<{ size: number }>;
  /** The key that does the same. */
  shortcut?: string | undefined;
  /** Why it cannot be done now. */
  reason?: string | undefined;
  onSelect?: () => unknown;
  /** Address of a file to download. */
  href?: string;
}

interface MenuProps extends ButtonLook {
  label: string;
  children: ReactNode;
  /** In place of the look of a button. */
  className?: string;
  /** Groups of items, with a line between them. */
  groups: readonly (readonly MenuItem[])[];
}

/** A button that opens a list of actions. Arrow keys move in it, Escape closes it. */
export function Menu({ label, children, groups, className, ...look }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const anchor = `--${id.replaceAll(/\W/g, '')}`;
  return (
    <>
      <button
        type="button"
        className={className ?? buttonClass(look)}
        style={{ anchorName: anchor }}
        popoverTarget={id}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className="menu"
        style={{ positionAnchor: anchor }}
        // the items are there before it opens, and until it has closed: the focus goes from them back to the button
        onBeforeToggle={({ newState }) => void (newState === 'open' && setOpen(true))}
        onToggle={({ newState }) => {
          if (newState === 'open') itemsOf(list.current)[0]?.focus();
          else setOpen(false);
        }}
        onKeyDown={(event) => moveFocus(event, list.current)}
      >
        {isOpen && <MenuGroups groups={groups} onDone={() => list.current?.hidePopover()} />}
      </div>
    </>
  );
}

function MenuGroups({ groups, onDone }: Pick<MenuProps, 'groups'> & { onDone: () => void }) {
  const filled = groups.filter((items) => items.length > 0);
  return filled.map((items, index) => (
    <div key={items[0]!.label}>
      {index > 0 && <hr />}
      {items.map((item) => (
        <MenuEntry key={item.label} item={item} onDone={onDone} />
      ))}
    </div>
  ));
}

function MenuEntry({
  item: { label, Icon, shortcut, reason, onSelect, href },
  onDone,
}: {
  item: MenuItem;
  onDone: () => void;
}) {
  const content = (
    <>
      {Icon && <Icon size={16} />}
      <span>
        {label}
        {reason && <small>{reason}</small>}
      </span>
      {shortcut && <Key>{shortcut}</Key>}
    </>
  );
  if (href && !reason)
    return (
      <a className="menu-item" role="menuitem" tabIndex={-1} href={href} onClick={onDone}>
        {content}
      </a>
    );
  const select = () => {
    if (reason) return;
    onDone();
    onSelect?.();
  };
  return (
    <button
      type="button"
      className="menu-item"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={Boolean(reason)}
      onClick={select}
    >
      {content}
    </button>
  );
}

const itemsOf = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];

function moveFocus(event: KeyboardEvent, list: HTMLElement | null): void {
  const items = itemsOf(list);
  const here = items.indexOf(document.activeElement as HTMLElement);
  const places: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
  const place = places[event.key];
  if (event.key === 'Tab') list?.hidePopover();
  if (place === undefined) return;
  event.preventDefault();
  items.at(place % items.length)?.focus();
}
