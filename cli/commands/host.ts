import type { Command } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';
import { measured } from './measured.ts';

/** `novacron host …` */
export const declareHost = (program: Command, runner: Runner): void => {
  const { verb } = runner;
  const host = program.command('host').description('KVM hosts: machines with libvirt that are enrolled');
  const load = () => import('../verbs/hosts.ts');
  listing(leaf(host, 'list', 'List the hosts'))
    .alias('ls')
    .action(verb(async () => (await load()).listHosts));
  leaf(host, 'get <host...>', 'Show hosts, with the checks of their enrolment').action(
    verb(async () => (await load()).getHosts),
  );
  measured(host, 'host', runner);
  leaf(host, 'enrol', 'Get the one line that enrols a machine as a host')
    .argument('<name>', 'its name here')
    .option('--tag <key=value>', 'for placement; repeatable', parse.pair)
    .option('--anew', 'the host of this name, which is unreachable, registers again: it keeps its id and VMs')
    .option('--node <id>', 'an EC2 instance or node that Systems Manager knows already, i-… or mi-…')
    .option(
      '--proxy <url>',
      'HTTP proxy through which the host reaches AWS, this API and images; one with a password is set on the host',
    )
    .action(verb(async () => (await load()).enrolHost));
  const act = (name: string, summary: string): Command => leaf(host, `${name} <host...>`, summary);
  act('activate', 'Let new VMs be placed on hosts').action(verb(async () => (await load()).activateHosts));
  act('deactivate', 'Place nothing new on hosts').action(verb(async () => (await load()).deactivateHosts));
  act('retire', 'Take hosts out of NovaCron for good; refused while VMs of ours are on them')
    .option('--abandon-vms', 'the machine is gone for good: its VMs are given up, without a word to it')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).retireHosts));
};
