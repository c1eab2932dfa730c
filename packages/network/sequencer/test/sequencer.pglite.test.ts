import { testSequencer } from './conformance.ts';

testSequencer(async () => undefined);
