// A target of the project beside what was measured.

/** @typedef {{ what: string, target: string, measured: string, met: boolean }} Verdict */

/** @returns {Verdict} */
export function atMost(what, measured, most, format) {
  return verdict(what, `≤ ${format(most)}`, format(measured), measured <= most);
}

/** @returns {Verdict} */
export function atLeast(what, measured, least, format) {
  return verdict(what, `≥ ${format(least)}`, format(measured), measured >= least);
}

// What cannot be told is not met: a comparison with NaN is false.
function verdict(what, target, measured, met) {
  return { what, target, measured, met };
}
