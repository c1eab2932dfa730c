import { afterAll, beforeAll } from 'vitest';
import { testSequencer } from './conformance.ts';
import { startPostgres, type TestServer } from './postgres.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

testSequencer(() => server.createDatabase());
