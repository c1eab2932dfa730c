import type { Session } from '@heurist/core';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import * as z from 'zod/mini';

const NAME = 'studio_session';
/** The cookie outlives the session, so that the page can say that it has expired. */
const KEPT_SECONDS = 7 * 24 * 3600;

const sessionSchema = z.object({ session_token: z.string(), session_id: z.string(), expires_at: z.iso.datetime() });

/** The session of a browser, if it has one. It may have ended. */
export function readSession(c: Context): Session | undefined {
  try {
    return sessionSchema.safeParse(JSON.parse(getCookie(c, NAME) ?? '')).data;
  } catch {
    return undefined;
  }
}

/** Keeps a session where no script can read it, and where no other site can send it from. */
export function storeSession(c: Context, { session_token, session_id, expires_at }: Session, isSecure: boolean): void {
  const maxAge = Math.ceil((Date.parse(expires_at) - Date.now()) / 1000) + KEPT_SECONDS;
  setCookie(c, NAME, JSON.stringify({ session_token, session_id, expires_at }), {
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure,
    path: '/',
    maxAge,
  });
}

export const forgetSession = (c: Context): void => void deleteCookie(c, NAME, { path: '/' });
