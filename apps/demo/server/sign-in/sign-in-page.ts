import { html, raw } from 'hono/html';
import { THEME_SCRIPT } from '../../shared/inline-scripts.ts';

interface SignInPage {
  /** Where to go afterwards. */
  next: string;
  /** Why the visitor is here, or what was wrong. */
  message?: string | undefined;
  isWrong?: boolean;
}

/** The colours of `src/styles/tokens.css`, as far as they are used here. */
const style = `
:root { color-scheme: light dark }
:root[data-theme=light] { color-scheme: light }
:root[data-theme=dark] { color-scheme: dark }
:root { font-family: system-ui, sans-serif; line-height: 1.5 }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f7f7f9, #0b0b0e); color: light-dark(#17171c, #f0f0f4) }
main { box-sizing: border-box; width: min(24rem, 100%); padding: 1.5rem }
h1 { font-size: 1.5rem; margin: 0 0 1rem }
label { display: block; font-weight: 600 }
input, button { box-sizing: border-box; width: 100%; font: inherit; padding: .6rem .75rem; border-radius: 10px; border: 1px solid light-dark(#7a7a88, #8a8a99) }
input { margin: .25rem 0; background: light-dark(#fff, #1b1b22); color: inherit }
button { margin-top: 1rem; border: 0; background: light-dark(#5646d6, #6c5ce7); color: #fff; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid light-dark(#5646d6, #b3a9ff); outline-offset: 2px }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
small { color: light-dark(#5b5b68, #a3a3b2) }
[role=alert] { color: light-dark(#b8232f, #ff8087) }
`;

/** A form that works without scripts. */
export const signInPage = ({ next, message, isWrong = false }: SignInPage) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<title>Sign in · Heurist Studio</title>
<script>${raw(THEME_SCRIPT)}</script>
<style>${style}</style>
</head>
<body>
<main>
<h1>Heurist Studio</h1>
${message ? html`<p role="${isWrong ? 'alert' : 'status'}" id="message">${message}</p>` : ''}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
<label for="key">Your key</label>
<input id="key" name="key" type="password" required maxlength="1000" autocomplete="current-password" spellcheck="false"
  autofocus aria-describedby="hint${message ? ' message' : ''}"${isWrong ? html` aria-invalid="true"` : ''}>
<small id="hint">The key of a consumer, such as anna#1f2e…: whoever runs your network gives it to you.</small>
<button>Sign in</button>
</form>
</main>
</body>
</html>`;
