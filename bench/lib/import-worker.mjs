// Loads a file in this process, which has loaded nothing else, and says how much CPU time that took.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const before = process.cpuUsage();
require(process.argv[2]);
const { user, system } = process.cpuUsage(before);
process.send({ cpu: (user + system) * 1_000 });
