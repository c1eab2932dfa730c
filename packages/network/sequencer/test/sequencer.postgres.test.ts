import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, beforeAll } from 'vitest';
import { testSequencer } from './conformance/conformance.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

testSequencer(() => server.createDatabase());
