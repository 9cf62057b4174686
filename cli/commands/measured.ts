import { type Command, InvalidArgumentError, Option } from 'commander';
import { kindOf, METRIC_NAMES, type SubjectKind } from '../../lambdas/domain/metrics/catalog.ts';
import { leaf, type Runner } from '../command-tree.ts';
import { past } from '../moments.ts';
import * as parse from '../parse.ts';

const PLURAL = { vm: 'VMs', host: 'hosts' } as const;
const ONE = { vm: 'a VM', host: 'a host' } as const;
const USUAL = { vm: 'vm.cpu.utilization', host: 'host.cpu.utilization' } as const;

/** `top` and `metrics` of a noun that is measured. */
export const measured = (noun: Command, kind: SubjectKind, { verb }: Runner): void => {
  const load = () => import('../verbs/metrics.ts');
  const known: readonly string[] = METRIC_NAMES.filter((name) => kindOf(name) === kind);
  const metrics = (text: string, before: readonly string[] = []): string[] => {
    if (!known.includes(text)) throw new InvalidArgumentError(`It is one of ${known.join(', ')}.`);
    return [...before, text];
  };
  leaf(noun, 'top', `Which ${PLURAL[kind]} use most now`)
    .addOption(new Option('--by <metric>', 'what to go by').choices(known).default(USUAL[kind]))
    .option('--over <time>', 'the time that values are the mean of, at most 15m', parse.duration, 60)
    .option('-f, --filter <terms>', 'such as tag:env=prod; repeatable', parse.each)
    .option('--limit <n>', 'at most so many', parse.whole(1, 1000), 20)
    .action(verb(async () => (await load())[kind === 'vm' ? 'topVms' : 'topHosts']));
  leaf(noun, `metrics <${kind}>`, `What was measured of ${ONE[kind]}`)
    .option('--metric <metric>', 'this metric; repeatable (default: all)', metrics)
    .option('--since <time>', 'from so long ago (default: 1h)', parse.duration)
    .addOption(new Option('--from <moment>', 'from then on').argParser(past).conflicts('since'))
    .option('--to <moment>', 'until then (default: now)', past)
    .option('--step <time>', 'the time between points (default: as many as are useful)', parse.duration)
    .action(verb(async () => (await load())[kind === 'vm' ? 'showVmMetrics' : 'showHostMetrics']));
};
