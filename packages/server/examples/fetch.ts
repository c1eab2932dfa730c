// Bun: `bun fetch.ts`. Deno: `deno serve --allow-env --allow-net fetch.ts`. Workers: with the flag `nodejs_compat`, and the settings as
// secrets. Pages use it at any path, such as `/api/heurist`.
import { handler } from './handler.ts';

export default { fetch: handler };
