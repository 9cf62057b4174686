import type { Command } from 'commander';
import { leaf, type Runner } from '../command-tree.ts';

/** `novacron route …` */
export const declareRoute = (program: Command, { verb }: Runner): void => {
  const route = program.command('route').description("How alerts find their receivers: Alertmanager's file");
  const load = () => import('../verbs/routes.ts');
  leaf(route, 'get', 'Show the routing: the file as it was set, without its secrets').action(
    verb(async () => (await load()).getRoutes),
  );
  leaf(
    route,
    'set <file>',
    'Put an Alertmanager file, with the files that its templates name, in the place of the routing; - reads it from standard input',
  ).action(verb(async () => (await load()).setRoutes));
  leaf(route, 'test <label=value...>', 'Tell which receivers an alert with these labels goes to, and why').action(
    verb(async () => (await load()).testRoutes),
  );
};
