import type { Command } from 'commander';
import * as parse from '../parse.ts';
import { closure, period } from '../periods.ts';

/** What the periods of a noun are, and what happens on closed days. */
interface Words {
  readonly period: string;
  readonly closed: string;
}

/** What `create` and `update` of schedules and windows both take: VMs and times. */
export const withTimes = (command: Command, words: Words): Command =>
  command
    .option('--vm <vm>', 'a VM that it covers; repeatable, or with commas', parse.list)
    .option('-f, --filter <terms>', 'and every VM that these hold for: tag:env=dev; repeatable', parse.each)
    .option('--zone <zone>', "whose clocks its times are read from (default: this machine's)")
    .option('--period <days times>', words.period, period)
    .option('--closed <date[..date][=note]>', words.closed, closure)
    .option('--calendar <calendar>', 'a calendar whose days are closed, too; repeatable, or with commas', parse.list);
