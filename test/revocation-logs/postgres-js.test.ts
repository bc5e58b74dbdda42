// The contract of a revocation log on Postgres through postgres.js.

import { describeLogContract } from '../support/postgres-log.js';

describeLogContract('postgres.js');
