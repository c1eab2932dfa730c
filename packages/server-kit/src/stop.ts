/** What ends a sleep early: an `AbortSignal`, or something lighter, of which there may be thousands. */
export interface Stop {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
