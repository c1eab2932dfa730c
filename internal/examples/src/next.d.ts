// What the example of Next uses of it. The example itself is built with the real one.
declare module 'next/server' {
  export interface NextRequest extends Request {
    cookies: { has(name: string): boolean };
  }
  export class NextResponse extends Response {
    static next(): NextResponse;
    cookies: {
      set(name: string, value: string, options: { httpOnly: boolean; sameSite: 'lax'; maxAge: number }): void;
    };
  }
}
