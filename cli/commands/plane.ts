import { type Command, Option } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';
import * as parse from '../parse.ts';

const declareToken = (program: Command, { verb }: Runner): void => {
  const token = program.command('token').description('API tokens, for programs and people');
  const load = () => import('../verbs/tokens.ts');
  leaf(token, 'create', 'Create a token; it is shown this once')
    .requiredOption('--name <text>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']).default('viewer'))
    .option('--expires <time>', 'its life, such as 7d (default: 30d)', parse.duration)
    .action(verb(async () => (await load()).createToken));
  listing(leaf(token, 'list', 'List the tokens'))
    .alias('ls')
    .action(verb(async () => (await load()).listTokens));
  leaf(token, 'revoke <token...>', 'Revoke tokens, by name or id, at once')
    .alias('rm')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).revokeTokens));
};

/** The commands that are about the plane itself: sizes, tokens, login, me, doctor, reconcile, completion. */
export const declarePlane = (program: Command, runner: Runner): void => {
  const { verb, lonely } = runner;
  const size = program.command('size').description('Sizes of VMs');
  leaf(size, 'list', 'List the sizes')
    .alias('ls')
    .action(verb(async () => (await import('../verbs/sizes.ts')).listSizes));
  declareToken(program, runner);
  program
    .command('login')
    .description('Store a profile: which plane, and a token for it')
    .option('--profile <name>', 'its name', 'default')
    .option('--project <project>', 'which project to act in with it')
    .option('--url <url>', "the API's URL (output ApiUrl of the stacks)")
    .option('--token <token|@file>', 'an API token; @- reads standard input', parse.textOrFile)
    .option('--aws', 'get a token for your AWS identity instead')
    .option('--aws-profile <name>', 'which AWS profile signs (default: AWS_PROFILE)')
    .option('--region <region>', "the plane's Region (default: from the URL)")
    .action(lonely(async () => (await import('../verbs/login.ts')).login));
  leaf(program, 'me', 'Show who you are to the plane, and which plane that is').action(
    verb(async () => (await import('../verbs/me.ts')).showMe),
  );
  leaf(program, 'doctor', 'Check configuration, plane, hosts and images, with a fix for what is wrong')
    .option('--aws', 'ask IAM too who else may command the hosts (needs iam:GetAccountAuthorizationDetails)')
    .option('--aws-profile <name>', 'as which AWS profile (default: AWS_PROFILE)')
    .action(lonely(async () => (await import('../verbs/doctor.ts')).doctor));
  leaf(program, 'reconcile', 'Compare what the plane holds with what EC2 and the hosts report').action(
    verb(async () => (await import('../verbs/reconcile.ts')).reconcile),
  );
  program
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(program.createArgument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
    .action(lonely(async () => (await import('../verbs/completion.ts')).completion));
  program
    .command('__names', { hidden: true })
    .argument('<noun>', 'vm, host, image, op, size, token, project, schedule')
    .action(lonely(async () => (await import('../verbs/names.ts')).names));
};
