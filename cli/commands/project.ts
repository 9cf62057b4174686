import type { Command } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

/** `novacron project …` */
export const declareProject = (program: Command, { verb }: Runner): void => {
  const project = program
    .command('project')
    .description('Tenants: each with VMs, names, operations and tokens of its own');
  const load = () => import('../verbs/projects.ts');
  listing(leaf(project, 'list', 'List the projects'))
    .alias('ls')
    .action(verb(async () => (await load()).listProjects));
  leaf(project, 'create', 'Make a project')
    .argument('<id>', 'what it is called, once and for all')
    .action(verb(async () => (await load()).createProject));
  leaf(project, 'quota <project>', 'Bound what a project may have; without an option its VMs are counted anew')
    .option('--max-vms <number|none>', 'VMs that live at once', parse.bound(0))
    .option('--max-operations-per-minute <number|none>', 'operations begun in one minute', parse.bound(1))
    .action(verb(async () => (await load()).setQuota));
  leaf(project, 'export <project>', 'Print all that the plane holds of a project, a line of JSON each').action(
    verb(async () => (await import('../verbs/export-project.ts')).exportProject),
  );
  leaf(
    project,
    'delete <project...>',
    'Delete projects, and erase all but their audit logs; refused while VMs or tokens are left in them',
  )
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).deleteProjects));
};
