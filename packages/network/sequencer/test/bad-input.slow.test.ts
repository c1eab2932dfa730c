import { testBadInput } from './support/fuzz.ts';

testBadInput(10_000);
