// What doctor says about the settings of an application's issuers and verifiers.

import type { TokenSettings } from '@tokenpair/core/adapter';

import type { Finding } from './diagnose.js';
import type { Exported } from './load-application.js';

/** The settings for one issuer, under the name of the export. */
export type NamedSettings = TokenSettings & { readonly name: string };

export function nameSettings(exported: readonly Exported[]): NamedSettings[] {
  return exported.flatMap(({ name, settings }) => settings.map((one) => ({ name, ...one })));
}

/** One line: `tokens: https://api.example.com, accessTokenLifetime 300 s, revocations: whenBehind accept, …`. */
export function describeSettings(settings: NamedSettings): string {
  const { name, issuer, accessTokenLifetime: lifetime, revocations } = settings;
  const whose = issuer ?? 'issuers is a function';
  const time = lifetime === undefined ? '' : `, accessTokenLifetime ${lifetime} s`;
  const noLog = issuer === undefined ? 'unknown' : 'none';
  const log = revocations === undefined ? noLog : describeLog(revocations);
  return `${name}: ${whose}${time}, revocations: ${log}\n`;
}

type LogSettings = NonNullable<TokenSettings['revocations']>;

function describeLog({ whenBehind, maxAge, pollInterval, max, log }: LogSettings): string {
  const age = maxAge === Infinity ? 'never behind' : `maxAge ${maxAge} s`;
  const place = { memory: ', in memory', http: ', over HTTP', shared: '' }[log];
  return `whenBehind ${whenBehind}, ${age}, pollInterval ${pollInterval} s, max ${max}${place}`;
}

export function examineSettings(all: readonly NamedSettings[]): Finding[] {
  return all.flatMap((settings) => {
    const { name, kind, issuer } = settings;
    const isOneOfSeveral = all.filter((other) => other.name === name).length > 1;
    const where = kind === 'verifier' && isOneOfSeveral ? `${name} (${issuer})` : name;
    return findingsOf(settings).map((found) => ({ ...found, where }));
  });
}

function findingsOf(settings: NamedSettings): Omit<Finding, 'where'>[] {
  const { revocations } = settings;
  if (revocations === undefined) return [missing(settings)];
  return [
    ...(revocations.log === 'memory' ? [inMemory] : []),
    ...(revocations.maxAge === Infinity ? [] : [behind[revocations.whenBehind]]),
    ...checkAge(revocations),
  ];
}

function missing({ issuer, accessTokenLifetime }: NamedSettings): Omit<Finding, 'where'> {
  if (issuer === undefined) {
    return {
      code: 'revocations_unknown',
      severity: 'hint',
      problem: 'issuers is a function, so doctor does not see the revocations of its issuers',
      advice: 'Let it answer revocations with each issuer that has a revocation log.',
    };
  }
  const isVerifier = accessTokenLifetime === undefined;
  return {
    code: 'revocations_missing',
    severity: 'hint',
    problem: isVerifier
      ? 'it has no revocations, so it accepts access tokens after their logout until exp'
      : `it has no revocations, so access tokens outlive their logout by up to ${accessTokenLifetime} s`,
    advice: isVerifier
      ? 'Give it revocations, if the issuer has a revocation log.'
      : 'Give it revocations, and its verifiers too.',
  };
}

const inMemory: Omit<Finding, 'where'> = {
  code: 'revocations_memory',
  severity: 'hint',
  problem:
    'its revocation log is in the memory of one process, so other processes do not hear of a logout',
  advice: 'With several processes, give revocations that share a log, in Redis or Postgres.',
};

const behind: Readonly<Record<LogSettings['whenBehind'], Omit<Finding, 'where'>>> = {
  accept: {
    code: 'revocations_accept',
    severity: 'hint',
    problem: "whenBehind is 'accept', so during an outage of the log access tokens live until exp",
    advice: "Set 'refuse' where a late logout is worse than an outage.",
  },
  refuse: {
    code: 'revocations_refuse',
    severity: 'hint',
    problem:
      "whenBehind is 'refuse', so requests, logins and refreshes get 503 while the list is behind",
    advice: 'Keep at least one issuer running: only issuers prove contact.',
  },
};

// An issuer may be silent for a second, and a request over HTTP takes up to three.
function checkAge({ log, maxAge }: LogSettings): Omit<Finding, 'where'>[] {
  if (log !== 'http' || maxAge >= 5) return [];
  return [
    {
      code: 'revocations_age_short',
      severity: 'warning',
      problem: `maxAge is ${maxAge} s, so one slow request over HTTP makes the list behind`,
      advice: 'Set maxAge to at least 5 seconds.',
    },
  ];
}
