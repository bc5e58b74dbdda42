// docs/performance.md out of the results that are kept and the words of bench/notes.md.

import { readFileSync } from 'node:fs';

import { readResults } from './results.mjs';
import { loadSection, sections } from './sections.mjs';
import { toTable } from './table.mjs';

const notes = new URL('../notes.md', import.meta.url);

const opening = `# Performance

This page is made by \`pnpm bench\` and \`bench/notes.md\`; do not edit it. \`pnpm bench <section>\` prints a section;
\`pnpm bench <section> --write\` also keeps it and makes the page again.`;

const method = `## Method

- A figure is the median over rounds, its least and greatest in brackets. Every contestant has a process of its own, so the
  engine has optimised for that contestant alone, as in a server that uses it. The runner asks each for one round in turn, so a
  machine that slows down slows all; and it starts all anew several times, since some luck lasts as long as a process. One
  process for all rounds, and one for each, were tried as well, on a busy machine: the spread was no smaller.
- A request for Express is born with Express's prototype, where Express gives it later and makes every write to it dearer (see
  below): section \`guard\` leaves that out for all, section \`http\` has it for all.
- Time is CPU time of the whole process, all threads, garbage collection included, by \`process.cpuUsage\`; the clock on the wall
  stands beside it. A round comes after a warm-up and takes about as long as said above.
- There are 1 000 distinct tokens, by subject, session and id; with HS256 one has about 500 characters. Every request brings its
  header as a string that has just been made out of bytes, as a socket gives it: never hashed, never flattened. Making
  requests is not in the time.
- An operation counts as done when \`next\` is called, at once or later. Between two operations the runner adds no promise.
- Keys are imported once, to a \`KeyObject\`, unless the name of a contestant says otherwise. Every contestant checks signature,
  expiry, issuer and audience; a test shows that each lets its good tokens through and none with a flipped bit.
- fast-jwt is what \`@fastify/jwt\` signs and verifies with.
- \`raw node:crypto\` is the limit without a cache: the header compared as text, the signature, one \`JSON.parse\`, three claims.`;

const limits = `## What this does not show

- Other machines. Ratios travel better than times; signatures and their checks depend on OpenSSL and the processor.
- Latency under load, or many cores: one process is measured at a time, and over HTTP one server.
- A network. Redis and the HTTP client are on the same machine, so a round trip costs next to nothing here; where it costs half a
  millisecond, one instead of three is worth more than any figure on this page.
- Tokens that are met once. A cache then costs its upkeep and saves nothing: see \`cache: false\`.
- Applications. What a handler does is nearly always dearer than any of this.`;

/** The page of what has been measured so far. */
export async function renderPage() {
  const parts = await Promise.all(
    sections.map(async (name) => ({
      name,
      results: readResults(name),
      section: await loadSection(name),
    })),
  );
  const measured = parts.filter(({ results }) => results !== undefined);
  const usual = measured.length > 0 ? whereAndWith(measured[0].results) : 'Nothing yet.';
  const texts = [
    opening,
    '## Targets',
    targetTable(measured.flatMap(({ section, results }) => section.targets(results))),
    `## Where and with what\n\n${usual}`,
    method,
    limits,
    readFileSync(notes, 'utf8').trim(),
    ...parts.flatMap(({ name, section, results }) => [
      `## Section \`${name}\``,
      ...(results === undefined
        ? ['Not measured yet.']
        : [
            `Measured on ${results.when}${exception(results, usual)}.`,
            ...section.describe(results),
          ]),
    ]),
  ];
  return `${texts.join('\n\n')}\n`;
}

export function targetTable(verdicts) {
  return toTable(
    ['what', 'target', 'measured', ''],
    verdicts.map(({ what, target, measured, met }) => [
      what,
      target,
      measured,
      met ? 'met' : '**not met**',
    ]),
  );
}

function whereAndWith({ machine, plan: { launches, rounds, roundTime }, versions }) {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${machine}. ${launches} launches of ${rounds} rounds, each of about ${roundTime} ms. ${list.join(', ')}.`;
}

// One section may have been measured again elsewhere, or after an update.
function exception(results, usual) {
  const own = whereAndWith(results);
  return own === usual ? '' : `, other than the rest: ${own.slice(0, -1)}`;
}
