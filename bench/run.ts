import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/bundles.ts';
import { groupFigures } from './alertmanager.ts';
import { apiFigures } from './api.ts';
import { atOnceFigures } from './at-once.ts';
import { functionFigures, weights } from './functions.ts';
import { growthFigures } from './growth.ts';
import { hostFigures } from './host.ts';
import { ingestFigures } from './ingest.ts';
import { monthlyFigures } from './monthly.ts';
import { budgets, type Counts, prices, USUAL, usdPerThousand } from './operations.ts';
import { pageFigures } from './pages.ts';
import { scheduleFigures, showSchedules } from './schedules.ts';
import { xmlFigures } from './xml.ts';

/**
 * npm run bench [-- --short]: measures the product beside its peers in one run and prints tables; the figures also go to
 * bench/out/. `--short` counts and weighs only, which never flakes.
 */
const short = process.argv.includes('--short');

const heading = (text: string): void => console.log(`\n${text}`);

const show = (figures: object): void => {
  if ('skipped' in figures) console.log(`  skipped: ${figures.skipped}`);
  else console.table(figures);
};

const versions = (): object => ({
  node: process.version,
  cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  novacron: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
});

heading('Functions: gzip kB, and ms to load beside a hello world (15 rounds in turn, median)');
const functions = short ? weights() : await functionFigures(15);
show(functions);

const figuresOf = ({ reckoned, ...counted }: Counts) => ({
  ...counted,
  ...reckoned,
  usdPerThousand: usdPerThousand({ ...counted, reckoned }),
});

heading(
  `Operations, a clean run on EC2: counts from the checked-in table, the right half reckoned; USD a thousand by prices of ${prices.asOf}`,
);
const operations = Object.fromEntries(
  [...Object.entries(budgets.operations), ['usual design', USUAL] as const].map(([kind, counts]) => [
    kind,
    figuresOf(counts),
  ]),
);
show(operations);

heading(`USD a month, by the synthesised stacks and prices of ${prices.monthly.asOf}`);
const monthly = monthlyFigures();
show(monthly);

heading('Domain XML: documents a second, model checked and written');
const xml = xmlFigures(short ? 3 : 15);
show(xml);

const measured = short
  ? {}
  : await (async () => {
      heading(
        'Reconcile of EC2, whole (1 % changed) and by events, on a fast fleet of our own; the function as shipped (5 rounds in turn)',
      );
      const growth = await growthFigures(5, [1_000, 10_000, 100_000]);
      show(growth);
      heading('Pages of 100 of 25,000 VMs, by the API in one process on the same fast fleet');
      const pages = await pageFigures(25_000);
      show(pages);
      heading('10,000 groups of alerts told to one webhook, beside Alertmanager (3 rounds in turn)');
      const groups = await groupFigures(3, 10_000);
      show(groups);
      heading('What 50 hosts of 20 VMs measure in 5 minutes, taken in beside Prometheus (5 rounds in turn)');
      const ingest = await ingestFigures(5, 50, 20);
      show(ingest);
      heading('API: ms of a warm answer beside a hello world on the same emulator (200 rounds in turn)');
      const api = await apiFigures(200);
      show(api);
      heading('200 creates on EC2 at once, on the plane that runs here');
      const atOnce = await atOnceFigures(200);
      show(atOnce);
      heading(
        'A schedule over 1,000 instances beside instance-scheduler and Custodian on one emulated EC2 (3 rounds in turn)',
      );
      const schedules = await scheduleFigures(3, 1_000);
      showSchedules(schedules);
      heading(
        "The host's part of each verb: ms beside one virsh process, a create beside virt-install too (15 rounds in turn)",
      );
      const host = hostFigures(15);
      for (const [verb, figures] of Object.entries(host)) {
        console.log(`  ${verb}`);
        show(figures);
      }
      return { growth, pages, groups, ingest, api, atOnce, schedules, host };
    })();

const out = join(ROOT, 'bench/out');
mkdirSync(out, { recursive: true });
const file = join(out, `${new Date().toISOString().replaceAll(':', '-')}.json`);
const result = { at: new Date().toISOString(), versions: versions(), functions, operations, monthly, xml, ...measured };
writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`\n${file}`);
