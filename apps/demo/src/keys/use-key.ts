import { useEffect, useEffectEvent } from 'react';
import { storage } from '../data/browser-stores.ts';
import { Listeners, useStore } from '../data/store.ts';
import { type KeyName, keyNameOf } from './key-map.ts';

const OFF = 'heurist.single-keys-off';
const listeners = new Listeners();
const handlers = new Map<KeyName, (() => void)[]>();

/** Whether keys without Ctrl do anything. */
export const useSingleKeys = (): boolean =>
  useStore(
    listeners,
    () => storage.getItem(OFF) !== 'yes',
    () => true,
  );

export function setSingleKeys(isOn: boolean): void {
  storage.setItem(OFF, isOn ? 'no' : 'yes');
  listeners.notify();
}

/** Does something when its key is pressed, as long as the component is on the page. Of several, the last one on the page acts. */
export function useKey(name: KeyName, act: (() => void) | undefined): void {
  const onKey = useEffectEvent(() => act?.());
  const isOn = act !== undefined;
  useEffect(() => {
    if (!isOn) return;
    const handler = () => onKey();
    handlers.set(name, [...(handlers.get(name) ?? []), handler]);
    return () =>
      void handlers.set(
        name,
        handlers.get(name)!.filter((other) => other !== handler),
      );
  }, [name, isOn]);
}

/** Where keys have a meaning of their own. */
const OWN_KEYS = 'input, textarea, select, [contenteditable], [role=menu], [role=application], dialog';

/** Listens to the keys of the whole page. */
export function useKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      // what is open above the page takes Escape itself
      if (event.defaultPrevented || document.querySelector('dialog[open], :popover-open')) return;
      const name = keyNameOf(event, target.closest(OWN_KEYS) !== null, storage.getItem(OFF) !== 'yes');
      const handler = name && handlers.get(name)?.at(-1);
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}
