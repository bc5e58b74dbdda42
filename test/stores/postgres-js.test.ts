// The store contract on Postgres through postgres.js.

import { describeContract } from '../support/postgres-contract.js';

describeContract('postgres.js');
