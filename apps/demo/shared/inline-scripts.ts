// The scripts inside the page's HTML. The server allows them, and no others, by their hashes: `server/http/secure-headers.ts`.

/** Under which name the browser remembers the chosen colours: `light` or `dark`. */
export const THEME_KEY = 'heurist.theme';

/** In the head, above the styles: the first paint has the colours that were chosen before; without any, those of the system. */
export const THEME_SCRIPT = `try{const theme=localStorage.getItem('${THEME_KEY}');if(/^(light|dark)$/.test(theme))document.documentElement.dataset.theme=theme}catch{}`;

/** Id of the `<template>` with what loads after the first paint. */
export const LATER_ID = 'later';

/** Marks the button that was pressed before it could do anything: `src/app/early-press.tsx` presses it once it can. */
export const PRESSED = 'aria-busy';

/** How far the page is, in `data-state` at its root: nothing until its scripts answer, then whether they know what the network can run. */
export const PAGE_STATE = { asking: 'asking', ready: 'ready' } as const;

const onOneLine = (script: string) => script.replaceAll(/\n\s*/g, '');

/**
 * The last button that was pressed too early is marked: any before the scripts answer, and after that one that waits for the network. Ctrl
 * and Enter press the main button of a form. No form may load the page again, without what was typed.
 */
const KEEP_PRESS = onOneLine(`{
  const {dataset}=document.getElementById('root');
  const keep=button=>{
    if(!button||dataset.state==='${PAGE_STATE.ready}'||dataset.state&&!button.matches('[aria-disabled=true]'))return;
    document.querySelector('[${PRESSED}]')?.removeAttribute('${PRESSED}');
    button.setAttribute('${PRESSED}','true')
  };
  addEventListener('click',({target})=>keep(target.closest('button')),true);
  addEventListener('keydown',({key,ctrlKey,metaKey,target})=>key==='Enter'&&(ctrlKey||metaKey)&&keep(target.form?.querySelector('[type=submit]')),true);
  addEventListener('submit',event=>event.target.method==='get'&&event.preventDefault())
}`);

/**
 * What the HTML shows is painted before anything else is asked for, so that nothing shares the line with it. A few frames later, since
 * what is drawn in the first one is shown only when the next ones begin; a page in the background has no frames.
 */
const LOAD_LATER = onOneLine(`addEventListener('load',()=>{
  const load=()=>document.body.append(document.getElementById('${LATER_ID}').content);
  const after=frames=>frames?requestAnimationFrame(()=>after(frames-1)):load();
  after(document.hidden?0:4)
})`);

/** At the end of the HTML. */
export const LATER_SCRIPT = `${KEEP_PRESS}${LOAD_LATER}`;
