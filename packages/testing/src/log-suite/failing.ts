import { ok, rejects } from 'node:assert/strict';

import { isChained, textsOf, type LogSection } from './log-case.js';

// The deadline of the log and some time for a busy machine.
const patience = 3_000;

async function rejectsInTime(call: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`${what} gave no answer within ${patience} ms`));
    // After a pause of the process both timers run at once: the rejection, which was due earlier, comes first.
    timer = setTimeout(() => setImmediate(fail), patience);
  });
  try {
    await Promise.race([rejects(call, Error), late]);
  } finally {
    clearTimeout(timer);
  }
}

export const failing: LogSection = {
  title: 'repetition and failing',
  cases: [
    {
      name: 'has an entry that is appended twice once or twice, and answers its position',
      async run({ log, other, entry, readAll }) {
        const repeated = entry();
        const positions = [await log.append(repeated), await log.append(repeated)];
        await other.append(entry());
        const found = await readAll(other);
        isChained(found, 0);
        const there = found.filter(({ text }) => text === repeated.text);
        ok([1, 2].includes(there.length));
        const places = new Set(there.map(({ position }) => position));
        ok(positions.every((position) => places.has(position)));
      },
    },
    {
      name: 'rejects in time when nothing answers it, whatever is asked',
      needs: 'hang',
      async run({ log, other, under, issuer, entry, appendAll }) {
        await appendAll(2);
        const resume = await under.hang?.();
        try {
          await Promise.all(
            [log, other].flatMap((one) => [
              rejectsInTime(one.append(entry()), 'append()'),
              rejectsInTime(one.read(issuer, 0, 10), 'read()'),
              rejectsInTime(one.read(issuer, 0, 0), 'read() of the head'),
            ]),
          );
        } finally {
          await resume?.();
        }
      },
    },
    {
      name: 'has an entry whose append was not answered, once it is appended again',
      needs: 'hang',
      async run({ log, under, entry, appendAll, readAll }) {
        await appendAll(1);
        const unanswered = entry();
        const resume = await under.hang?.();
        try {
          await rejectsInTime(log.append(unanswered), 'append()');
        } finally {
          await resume?.();
        }
        await log.append(unanswered);
        const found = await readAll();
        isChained(found, 0);
        ok(textsOf(found).includes(unanswered.text));
      },
    },
  ],
};
