// Figures side by side as a table: CPU and wall time an operation, and how often others go into each.

import { ratio } from './statistics.mjs';
import { toRatio, toSpread, toTable, toTime } from './table.mjs';

/**
 * @param {{ figures: object[], against?: string[] }} what - `against` are names of figures that all are divided by.
 */
export function figureTable({ figures, against = [] }) {
  const find = (name) => figures.find((figure) => figure.name === name);
  return toTable(
    ['', 'CPU', 'wall', ...against.map((name) => `against ${name}`)],
    figures.map((figure) => [
      figure.name,
      toSpread(figure.cpu),
      toTime(figure.wall.median),
      ...against.map((name) => toRatio(ratio(figure.cpu, find(name).cpu))),
    ]),
  );
}

/** The figures of a group by name; asking for one that is not there is an error. */
export function inGroup(figures, group) {
  return (name) => {
    const found = figures.find((figure) => figure.group === group && figure.name === name);
    if (found === undefined) throw new Error(`no figure '${name}' in '${group}'`);
    return found;
  };
}

/** Figures group by group, in the order in which they came. */
export function byGroup(figures) {
  const groups = new Map();
  for (const figure of figures) {
    groups.set(figure.group, [...(groups.get(figure.group) ?? []), figure]);
  }
  return [...groups];
}
