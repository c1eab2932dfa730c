import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { html, raw } from 'hono/html';
import { THEME_SCRIPT } from '../../shared/inline-scripts.ts';

interface SignInPage {
  /** Where to go afterwards. */
  next: string;
  /** Why the visitor is here, or what was wrong. */
  message?: string | undefined;
  isWrong?: boolean;
}

// the source of this file and the build of the server are both two folders below the app
const app = resolve(import.meta.dirname, '../..');
const SHEETS = ['styles/tokens.css', 'styles/base.css', 'ui/ui.css', 'styles/app.css', 'styles/sign-in.css'];
let style: string | undefined;

/** The styles of the other pages: this one is no stranger beside them. */
function readStyle(): string {
  style ??= SHEETS.map((sheet) => readFileSync(join(app, 'src', sheet), 'utf8')).join('\n');
  return style;
}

/** A form that works without scripts; the one that it has puts it into the colours that were chosen on the other pages. */
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
<style>${raw(readStyle())}</style>
</head>
<body class="sign-in">
<header class="app-header"><span class="brand"><img src="/icon.svg" alt="" width="24" height="24"><b>Heurist Studio</b></span></header>
<main>
<form method="post" action="/sign-in" class="sign-in-card stack">
<h1>Sign in</h1>
${message ? html`<p class="notice" data-tone="${isWrong ? 'bad' : ''}" role="${isWrong ? 'alert' : 'status'}" id="message">${message}</p>` : ''}
<input type="hidden" name="next" value="${next}">
<div class="field">
<div class="field-label"><label for="key">Your key</label></div>
<span class="field-hint" id="hint">The key of a consumer, such as anna#1f2e…: whoever runs your network gives it to you.</span>
<input id="key" name="key" type="password" class="input" required maxlength="1000" autocomplete="current-password" spellcheck="false"
  autofocus aria-describedby="hint${message ? ' message' : ''}"${isWrong ? html` aria-invalid="true"` : ''}>
</div>
<button class="button primary large">Sign in</button>
</form>
</main>
</body>
</html>`;
