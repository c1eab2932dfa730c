// Everything that a client needs once it makes a call, and not before: HTTP, waiting, uploads, and what replies must look like.
// It is imported at the first call (`on-first-use.ts`), so that an import of the package costs next to nothing.
export { createClientTransport } from './client-transport.ts';
export { uploadOnce, withUrls } from './files/upload.ts';
export { runMany } from './run-many.ts';
export { waitTogether } from './shared/waits.ts';
