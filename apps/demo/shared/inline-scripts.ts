// The scripts inside the page's HTML. The server allows them, and no others, by their hashes: `server/http/secure-headers.ts`.

/** Under which name the browser remembers the chosen colours: `light` or `dark`. */
export const THEME_KEY = 'heurist.theme';

/** In the head, above the styles: the first paint has the colours that were chosen before; without any, those of the system. */
export const THEME_SCRIPT = `try{const theme=localStorage.getItem('${THEME_KEY}');if(/^(light|dark)$/.test(theme))document.documentElement.dataset.theme=theme}catch{}`;

/** Id of the `<template>` with what loads after the first paint. */
export const LATER_ID = 'later';

/**
 * At the end: what the HTML shows is painted before anything else is asked for, so that nothing shares the line with it. A few frames
 * later, since what is drawn in the first one is shown only when the next ones begin; a page in the background has no frames. Until
 * the scripts answer, pressing Enter must not load the page again, without what was typed.
 */
export const LATER_SCRIPT = `addEventListener('submit',event=>event.target.method==='get'&&event.preventDefault());addEventListener('load',()=>{const load=()=>document.body.append(document.getElementById('${LATER_ID}').content);const after=frames=>frames?requestAnimationFrame(()=>after(frames-1)):load();after(document.hidden?0:4)})`;
