import type { Heurist } from '@heurist/core';
import { HeuristError } from '@heurist/core';
import type { Context, Hono } from 'hono';
import type { SignedOutReason } from '../../shared/api.ts';

/** Whoever asks. */
export interface Visitor {
  /** Whose calls are counted together: default, the address. */
  id?: string;
  /** What the page calls them. */
  name?: string;
  /** Calls the network in their name. */
  heurist: Heurist;
  /** A client with new permission, if the old one is used up or has ended. */
  renew?: () => Promise<Heurist>;
}

/** How visitors are told apart. */
export interface Visitors {
  /** Whether they sign in and out here. */
  readonly signsIn: boolean;
  /** @throws {SignedOutError} if nobody is known */
  find(c: Context): Promise<Visitor>;
}

/** The app, whose calls know their visitor. */
export type DemoApp = Hono<{ Variables: { visitor: Visitor } }>;

const REASONS: Record<SignedOutReason, string> = {
  none: 'Sign in to use this page.',
  expired: 'Your sign-in has expired. Sign in again: your tasks are kept.',
  ended: 'Your sign-in has ended: your key was revoked or has expired. Sign in with a valid key.',
  'used-up': 'Your sign-in has used all of its tasks or files. Sign in again to go on.',
  'signed-out': 'You have signed out.',
};

/** What is said to a visitor who has to sign in. */
export const reasonText = (reason: string | undefined): string | undefined => REASONS[reason as SignedOutReason];

/** Nobody is signed in, or no longer. */
export class SignedOutError extends Error {
  readonly reason: SignedOutReason;

  constructor(reason: SignedOutReason) {
    super(REASONS[reason]);
    this.reason = reason;
  }
}

/** Does something in a visitor's name, once more with new permission if the network refuses the old one. */
export async function inNameOf<T>({ heurist, renew }: Visitor, work: (heurist: Heurist) => Promise<T>): Promise<T> {
  return await work(heurist).catch(async (error) => {
    const isRefused = HeuristError.isInstance(error) && ['unauthorized', 'forbidden'].includes(error.code);
    if (!renew || !isRefused) throw error;
    return await work(await renew());
  });
}
