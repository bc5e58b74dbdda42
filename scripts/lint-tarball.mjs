// What publint and attw have to say about a packed package.
import { readFile } from 'node:fs/promises';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** @throws Error that lists the faults: those of the package's manifest and files, and those of its types. */
export async function lintTarball(file) {
  const data = new Uint8Array(await readFile(file));
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true });
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(data));
  const faults = [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`),
    ...problems.filter(isOurs).map((problem) => `attw: ${JSON.stringify(problem)}`),
    ...(pkg.exports && !types ? ['attw: it has no types'] : []),
  ];
  if (faults.length > 0) throw new Error(`${pkg.name} is packed wrongly\n${faults.join('\n')}`);
}

/** `moduleResolution: node10` does not read `exports`, so it finds the main entry only. */
function isOurs({ resolutionKind, entrypoint }) {
  return resolutionKind !== 'node10' || entrypoint === '.';
}
