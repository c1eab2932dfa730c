import { useEffect } from 'react';
import { PAGE_STATE, PRESSED } from '../../shared/inline-scripts.ts';
import { useNetwork } from '../data/queries.ts';

// Buttons are in the HTML before any script, and most do something only once it is known what the network can run. The script in the
// HTML marks the one that is pressed before; here it is pressed again, once it can do something.

/** From here on only buttons that wait for the network are marked: the others do what they do. */
export function takeOver(root: HTMLElement): void {
  root.dataset.state = PAGE_STATE.asking;
}

/** Does what was pressed too early. If the network is away it is forgotten, and the page says so: nothing begins by itself much later. */
export function EarlyPress() {
  const { data, error } = useNetwork();
  const isThere = data !== undefined;
  const isAway = error !== null;
  useEffect(() => {
    pressAgain();
    const waiting = new MutationObserver(pressAgain);
    waiting.observe(document.body, { subtree: true, attributeFilter: ['aria-disabled'] });
    return () => waiting.disconnect();
  }, []);
  useEffect(() => {
    if (isAway) pressed()?.removeAttribute(PRESSED);
    if (isThere || isAway) document.getElementById('root')!.dataset.state = PAGE_STATE.ready;
  }, [isThere, isAway]);
  return null;
}

const pressed = () => document.querySelector<HTMLButtonElement>(`button[${PRESSED}]`);

function pressAgain(): void {
  const button = pressed();
  if (!button || button.matches('[aria-disabled=true]')) return;
  button.removeAttribute(PRESSED);
  button.click();
}
