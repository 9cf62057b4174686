import type { Command } from 'commander';
import { leaf, listing, type Runner } from '../command-tree.ts';

/** The verbs about the audit log: who asked for what, and whether anybody has changed what it says. */
const declareLog = (audit: Command, { verb, lonely }: Runner): void => {
  const load = () => import('../verbs/audit-log.ts');
  listing(leaf(audit, 'list', 'List the audit log of the project, newest first'))
    .alias('ls')
    .option('--since <time>', 'from this moment on, such as 2026-11-25T10:00:00Z')
    .option('--until <time>', 'before this moment')
    .action(verb(async () => (await load()).listAudit));
  leaf(audit, 'verify', 'Check the chain of the audit log and its signed heads; exit code 1 where it was changed')
    .option('--file <path>', 'an export, in place of the plane')
    .option('--key <path>', 'the key that you kept, in place of the one told with the log')
    .action(lonely(async () => (await load()).verifyAudit));
  leaf(audit, 'export', 'Write the audit log with its heads and keys, a line of JSON each').action(
    verb(async () => (await load()).exportAudit),
  );
  leaf(audit, 'key', 'Show the key by which heads are checked; keep it elsewhere').action(
    verb(async () => (await load()).showKey),
  );
};

/** `audit`: whether what is held and what is there agree, and what was asked for; with no verb it checks. */
export const declareAudit = (program: Command, runner: Runner): void => {
  const { verb } = runner;
  const audit = program
    .command('audit')
    .description('Whether what is held and what is there agree; and the log of what was asked for');
  const load = () => import('../verbs/audit.ts');
  leaf(audit, 'check', 'Audit the installation now; exit code 1 where anything is found', { isDefault: true })
    .option('--last', 'show what the last audit found, and run none')
    .action(verb(async () => (await load()).checkAudit));
  leaf(audit, 'unlock', 'Let the collector take what it holds back: after a restore, or where it is much')
    .option('-y, --yes', 'do not ask')
    .action(verb(async () => (await load()).unlockCollection));
  declareLog(audit, runner);
};
