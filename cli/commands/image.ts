import { type Command, Option } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

/** `novacron image …` */
export const declareImage = (program: Command, { verb }: Runner): void => {
  const image = program.command('image').description('Bootable disks that KVM hosts clone');
  const load = () => import('../verbs/images.ts');
  listing(leaf(image, 'list', 'List the images'))
    .alias('ls')
    .action(verb(async () => (await load()).listImages));
  leaf(image, 'get <image...>', 'Show images').action(verb(async () => (await load()).getImages));
  leaf(image, 'register', 'Register an image; each host fetches it once, when it first needs it')
    .requiredOption('--name <name>', 'its name', parse.name)
    .requiredOption('--source <source>', 'https URL, or an absolute path on the hosts')
    .requiredOption('--sha256 <hex>', 'its checksum')
    .addOption(new Option('--format <format>', 'disk format').choices(['qcow2', 'raw']))
    .addOption(new Option('--machine <machine>', 'machine type that the guest needs').choices(['q35', 'pc']))
    .option('--os <variant>', 'libosinfo short id, such as debian12')
    .option('--min-disk <GiB>', 'least disk of a clone', parse.whole(1))
    .option('--min-memory <MiB>', 'least memory', parse.whole(1))
    .option('--tag <key=value>', 'repeatable', parse.pair)
    .action(verb(async () => (await load()).registerImage));
  leaf(image, 'delete <image...>', 'Delete images; refused while clones stand on them')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteImages));
};
