import { testSequencer } from './conformance/conformance.ts';

testSequencer(async () => undefined);
