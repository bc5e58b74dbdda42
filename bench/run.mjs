import { toSpread, toTable } from './lib/table.mjs';
const names = process.argv.slice(2).filter((n) => !n.startsWith('--'));
const quick = process.argv.includes('--quick');
const onlyText = process.argv.find((a) => a.startsWith('--only='))?.slice(7) ?? '';
const only = (g) => g.includes(onlyText);
const plan = quick
  ? { launches: 1, rounds: 2, roundTime: 20, warmUp: 50 }
  : { launches: 3, rounds: 5, roundTime: 150, warmUp: 600 };
for (const name of names) {
  const { run } = await import(`./sections/${name}.mjs`);
  const t = Date.now();
  const { figures } = await run({ plan, tokens: quick ? 100 : 1000, only, log: console.error });
  for (const group of new Set(figures.map((f) => f.group))) {
    console.log(`\n${group}`);
    console.log(
      toTable(
        ['', 'CPU', 'wall', 'ops'],
        figures
          .filter((f) => f.group === group)
          .map((f) => [f.name, toSpread(f.cpu), toSpread(f.wall), String(f.operations)]),
      ),
    );
  }
  console.error((Date.now() - t) / 1000);
}
