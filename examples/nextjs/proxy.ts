// Each visitor is a user, who sees their own tasks only. Put your own sign-in here.
import { type NextRequest, NextResponse } from 'next/server';
import { COOKIE } from './lib/visitor.ts';

export function proxy(request: NextRequest): NextResponse {
  const response = NextResponse.next();
  if (!request.cookies.has(COOKIE))
    response.cookies.set(COOKIE, crypto.randomUUID(), { httpOnly: true, sameSite: 'lax', maxAge: 86_400 });
  return response;
}

export const config = { matcher: '/' };
