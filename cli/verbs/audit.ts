import { setTimeout as sleep } from 'node:timers/promises';
import type { Findings } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { printValue, type View } from '../output.ts';
import type { CommonOptions, Session } from '../session.ts';
import { table } from '../table.ts';
import { ago, clock } from '../times.ts';
import { confirm } from './confirm.ts';

/** A table of 100,000 VMs is read in a minute or two. */
const PATIENCE_MS = 300_000;
const PAUSE_MS = 500;

type Row = Findings['items'][number];

const view = ({ paint }: Session): View<Row> => ({
  nameOf: ({ subject }) => subject,
  none: '',
  columns: [
    { title: 'INVARIANT', value: ({ invariant }) => invariant },
    { title: 'FINDING', value: ({ kind }) => kind, paint: (cell) => paint('yellow', cell) },
    { title: 'SUBJECT', value: ({ subject }) => subject },
    { title: 'PLACE', value: ({ place }) => place },
    { title: 'SINCE', value: ({ since }) => since && `${ago(since, Date.now())} ago` },
    { title: 'DETAIL', value: ({ detail }) => detail },
  ],
});

const last = ({ client }: Session): Promise<Findings> => client.call('GET /v1/findings');

/** Asks for an audit and waits for its run. @throws CliError where it does not come */
const audited = async (session: Session): Promise<Findings> => {
  const { askedAt } = await session.client.call('POST /v1/findings/actions/check');
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const findings = await last(session);
    if (findings.run !== undefined && findings.run.at >= askedAt) return findings;
    await sleep(PAUSE_MS, undefined, { signal: session.io.interrupted });
  }
  throw new CliError('The audit has not come to its end.', { exitCode: EXIT.timedOut, next: 'novacron audit --last' });
};

/** What the collector will take by itself, and what it waits for. */
const collectionOf = ({ collection: { take, held, reason } }: Findings): string =>
  [
    ...(take.length > 0 ? [`Collected within the hour: ${take.map(({ name }) => name).join(', ')}.`] : []),
    ...(held.length > 0 ? [`Held back: ${held.map(({ name }) => name).join(', ')}.`] : []),
    ...(reason === undefined ? [] : [`${reason} When you have looked: novacron audit unlock`]),
  ]
    .map((line) => `${line}\n`)
    .join('');

const adviceOf = (items: readonly Row[]): string =>
  [...new Map(items.map(({ kind, suggestion }) => [kind, `${kind}: ${suggestion}\n`])).values()].join('');

const page = (session: Session, findings: Findings): string => {
  const { run, items } = findings;
  if (run === undefined) return 'No audit has run yet; the first comes within the hour, or now: novacron audit\n';
  const summary =
    run.total === 0 ? `Sound: ${run.fleet} VMs, nothing to tell.\n` : `${run.total} findings, ${run.fleet} VMs.\n`;
  if (items.length === 0) return `${summary}${collectionOf(findings)}`;
  const rows = table(view(session).columns, items, (text) => session.paint('bold', text));
  return `${rows}\n${adviceOf(items)}\n${summary}${collectionOf(findings)}`;
};

/** `audit`, `audit check`: exit code 1 where anything was found. */
export const checkAudit: Verb<CommonOptions & { readonly last?: true }> = async (session, _args, options) => {
  const findings = options.last ? await last(session) : await audited(session);
  const names = findings.items.map(({ subject }) => subject).join('\n');
  await printValue(session, findings, () => page(session, findings), names);
  if (findings.run && options.last) session.note(`As of ${clock(findings.run.at)}.`);
  return findings.sound ? EXIT.ok : EXIT.failed;
};

/** `audit unlock` */
export const unlockCollection: Verb<CommonOptions & { readonly yes?: true }> = async (session, _args, { yes }) => {
  const { collection } = await last(session);
  if (collection.reason !== undefined) session.note(collection.reason);
  for (const { name, vmId, place } of collection.held) session.note(`${name} (${vmId}, ${place ?? 'place unknown'})`);
  if (!yes) await confirm(session.io, `Let the collector take what is left of ${collection.held.length} VMs?`);
  const opened = await session.client.call('POST /v1/findings/actions/unlock');
  await printValue(session, opened, () => 'The collector goes on within the hour.\n');
  return undefined;
};
