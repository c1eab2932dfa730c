// Every name here is public API. It runs wherever there is `fetch`: what needs Node is in `./node`.
export { createHandler, type Handler } from './create-handler.ts';
export type { Authorize, HandlerLimits, HandlerOptions, Permission } from './handler-options.ts';
