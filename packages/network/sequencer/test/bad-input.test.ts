import { testBadInput } from './support/fuzz.ts';

testBadInput(1500);
