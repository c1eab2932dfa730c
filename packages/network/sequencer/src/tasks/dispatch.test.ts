import { openTestDatabase } from '../../test/support/database.ts';
import { testQueue } from '../../test/support/queue-contract.ts';

testQueue(openTestDatabase);
