// The way by transactions is the reference of the one that takes a round trip for a group of tasks: both do the same.
import { testSequencer } from './conformance/conformance.ts';

testSequencer(async () => undefined, true);
