import { type Command, Option } from 'commander';
import { leaf, listing, type Runner, waiting } from '../command-tree.ts';
import { moment } from '../moments.ts';
import * as parse from '../parse.ts';
import { measured } from './measured.ts';

const declareCreate = (vm: Command, { verb }: Runner): void => {
  const kvm = (option: Option) => option.helpGroup('KVM only:');
  const ec2 = (option: Option) => option.helpGroup('EC2 only:');
  waiting(leaf(vm, 'create', 'Create a VM and start it'))
    .addOption(new Option('--provider <provider>', 'where it shall run').choices(['ec2', 'kvm']).makeOptionMandatory())
    .requiredOption('--name <name>', 'its name, unique among the VMs', parse.name)
    .requiredOption(
      '--image <image>',
      'a registered image (KVM); an AMI id, launch-template, or an alias such as al2023 (EC2)',
    )
    .option('--size <size>', 'a size of the catalogue: novacron size list')
    .option('--vcpus <n>', 'instead of a size', parse.whole(1, 1024))
    .option('--memory <MiB>', 'instead of a size', parse.whole(64))
    .option('--disk <GiB>', 'root disk', parse.whole(1))
    .option('--hostname <name>', "the guest's host name (default: its name)")
    .option('--ssh-key <key|@file>', 'public key for the first user; repeatable', parse.linesOrFile)
    .option('--user-data <text|@file>', 'for cloud-init; @- reads standard input', parse.textOrFile)
    .option('--ready <policy>', 'when it counts as ready: auto, agent, address, port:<n>, running')
    .option('--ready-timeout <time>', 'how long to wait for that', parse.duration)
    .option('--install-agent', 'let the guest install qemu-guest-agent')
    .option('--tag <key=value>', 'repeatable', parse.pair)
    .option('--deletion-protection', 'refuse to delete it until that is lifted')
    .option('--dry-run', 'print plan and price, do nothing')
    .addOption(kvm(new Option('--host <host>', 'on this host, not on the best one')))
    .addOption(kvm(new Option('--host-tag <key=value>', 'on a host with this tag; repeatable').argParser(parse.pair)))
    .addOption(kvm(new Option('--network <name>', 'libvirt network')))
    .addOption(ec2(new Option('--type <types>', 'instance types, tried in this order').argParser(parse.list)))
    .addOption(ec2(new Option('--region <region>', 'Region')))
    .addOption(ec2(new Option('--zone <zone>', 'Availability Zone')))
    .addOption(ec2(new Option('--account <id>', 'AWS account')))
    .addOption(ec2(new Option('--subnet <id>', 'subnet')))
    .addOption(ec2(new Option('--security-group <ids>', 'security groups').argParser(parse.list)))
    .addOption(ec2(new Option('--key-name <name>', 'EC2 key pair')))
    .addOption(ec2(new Option('--launch-template <id>', 'launch template')))
    .addOption(ec2(new Option('--hibernate', 'so that it can be stopped by hibernation')))
    .addOption(
      ec2(new Option('--volume <spec>', 'device=/dev/sdf,size=20,type=gp3; repeatable').argParser(parse.volume)),
    )
    .action(verb(async () => (await import('../verbs/create-vm.ts')).createVm));
};

const declareChanges = (vm: Command, { verb }: Runner): void => {
  const change = (name: string, summary: string): Command =>
    waiting(leaf(vm, `${name} <vm...>`, summary)).option('--dry-run', 'print the plan, do nothing');
  const load = () => import('../verbs/change-vms.ts');
  const booting = (name: string, summary: string): Command =>
    change(name, summary).option('--ready-timeout <time>', 'how long the guest may take to be ready', parse.duration);
  booting('start', 'Start VMs').action(verb(async () => (await load()).startVms));
  const keeping = (mode: string, summary: string) =>
    new Option(`--${mode}`, summary).implies({ mode }).conflicts(['hibernate', 'save'].filter((each) => each !== mode));
  change('stop', 'Stop VMs: ask the guest, pull the plug when its grace is over; or keep their memory')
    .addOption(new Option('--mode <mode>', 'what becomes of the memory').choices(['stop', 'hibernate', 'save']))
    .addOption(keeping('hibernate', 'EC2: keep the memory on the root volume; created with --hibernate'))
    .addOption(keeping('save', "KVM: keep the memory on the host's disk"))
    .option('--grace <time>', 'how long it may take (default: 60s, 10m where memory is kept)', parse.duration)
    .option('--force', 'pull the plug at once')
    .option('--skip-os-shutdown', 'EC2: do not let the guest shut down')
    .action(verb(async () => (await load()).stopVms));
  booting('reboot', "Reboot VMs by the guest's own means, until they are ready again").action(
    verb(async () => (await load()).rebootVms),
  );
  booting('reset', 'Reset VMs as the reset button does, until they are ready again; not on EC2').action(
    verb(async () => (await load()).resetVms),
  );
  change('delete', 'Delete VMs; on KVM their disks are kept for some days')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .option('--purge', 'keep nothing: there is no undelete')
    .action(verb(async () => (await load()).deleteVms));
  change('undelete', 'Bring deleted VMs back; they end stopped').action(verb(async () => (await load()).undeleteVms));
};

/** `novacron vm …` */
export const declareVm = (program: Command, runner: Runner): void => {
  const { verb } = runner;
  const vm = program.command('vm').description('Virtual machines, on EC2 and on KVM hosts');
  const load = () => import('../verbs/show-vms.ts');
  listing(leaf(vm, 'list', 'List the VMs, those of others included'))
    .alias('ls')
    .action(verb(async () => (await load()).listVms));
  leaf(vm, 'get <vm...>', 'Show VMs').action(verb(async () => (await load()).getVms));
  declareCreate(vm, runner);
  declareChanges(vm, runner);
  leaf(
    vm,
    'update <vm>',
    "Change name, tags or deletion protection. Names and tags change in the plane alone: an instance's tags and Name, and a domain's title, stay those of the create",
  )
    .summary('Change name, tags or deletion protection')
    .option('--name <name>', 'a new name', parse.name)
    .option('--tag <key=value>', 'set a tag; repeatable', parse.pair)
    .option('--untag <keys>', 'remove tags', parse.list)
    .option('--deletion-protection', 'refuse to delete it')
    .option('--no-deletion-protection', 'let it be deleted')
    .action(verb(async () => (await import('../verbs/update-vm.ts')).updateVm));
  leaf(vm, 'log <vm>', "Print the end of a VM's serial console")
    .option('--bytes <n>', 'how much of it (default: 16384)', parse.whole(1, 65_536))
    .action(verb(async () => (await load()).showLog));
  leaf(vm, 'schedule <vm>', 'Which schedule a VM obeys, what it wants of it, and what comes next')
    .option('--at <moment>', 'what is wanted then (default: now)', moment)
    .action(verb(async () => (await load()).showSchedule));
  measured(vm, 'vm', runner);
  listing(leaf(vm, 'events <vm>', 'List what happened to a VM')).action(verb(async () => (await load()).listEvents));
};
