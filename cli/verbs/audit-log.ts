import type { Verdict } from '../../lambdas/domain/chain-check.ts';
import type { AuditEntry } from '../api.ts';
import { type AuditSource, type ExportLine, fromFile, fromPlane, keysIn } from '../audit-source.ts';
import type { ListOptions, LonelyVerb, Verb } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { printValue, type View } from '../output.ts';
import { type Paint, paintFor } from '../paint.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { table } from '../table.ts';
import { clock } from '../times.ts';
import { printPages } from './listing.ts';

const view = (paint: Paint): View<AuditEntry> => ({
  nameOf: ({ id }) => id,
  none: 'No entries.',
  columns: [
    { title: 'SEQ', value: ({ seq }) => seq, align: 'right' },
    { title: 'AT', value: ({ at }) => clock(at) },
    { title: 'ACTION', value: ({ action }) => action },
    {
      title: 'OUTCOME',
      value: ({ outcome }) => outcome,
      paint: (cell, { outcome }) => (outcome === 'refused' || outcome === 'failed' ? paint('red', cell) : cell),
    },
    { title: 'SUBJECT', value: ({ subject }) => subject },
    { title: 'BY', value: ({ by }) => by },
    { title: 'FROM', value: ({ from }) => from },
    { title: 'OPERATION', value: ({ operationId }) => operationId },
    { title: 'REASON', value: ({ reason }) => reason },
  ],
});

/** `audit list` */
export const listAudit: Verb<ListOptions & { readonly since?: string; readonly until?: string }> = (
  session,
  _args,
  { since, until, ...options },
) =>
  printPages(session, options, view(session.paint), (query) =>
    session.client.call('GET /v1/audit', { query: { ...query, since, until } }),
  );

/** `audit key`: what is kept elsewhere, for `verify --key`. */
export const showKey: Verb = async (session) => {
  const keys = await session.client.call('GET /v1/audit/key');
  await printValue(session, keys, () => `${JSON.stringify(keys)}\n`);
  return undefined;
};

/** `audit export`: a line of JSON each for the project, the keys, the heads and the entries, oldest first. */
export const exportAudit: Verb = async ({ client, io }) => {
  const { project, keys, heads, entries } = await fromPlane(client);
  const write = (line: ExportLine): void => void io.stdout.write(`${JSON.stringify(line)}\n`);
  write({ project, exportedAt: new Date().toISOString() });
  for (const key of keys) write({ key });
  for (const head of heads) write({ head });
  for await (const entry of entries) write({ entry });
  return undefined;
};

/** Enough to see what happened; a chain that was linked anew has thousands. */
const SHOWN = 50;

const sealOf = ({ heads }: AuditSource, { entries, sealed }: Verdict): string => {
  if (heads.length === 0) return 'No head is signed yet: the first comes within five minutes of the first entry.';
  const head = heads.find(({ seq }) => seq === sealed);
  const young = entries > sealed ? ` ${entries - sealed} are younger, and only chained.` : '';
  return `Signed heads vouch for entries up to ${sealed}${head ? `, as of ${clock(head.at)} by key ${head.keyId}` : ''}.${young}`;
};

const page = (source: AuditSource, verdict: Verdict, paint: Paint): string => {
  const { faults, entries } = verdict;
  const of = `${entries} entries of project ${source.project}`;
  const seal = `${sealOf(source, verdict)}\n`;
  if (faults.length === 0) return `${paint('green', 'Whole')}: ${of}.\n${seal}`;
  const rows = table(
    [
      { title: 'DAMAGE', value: ({ damage }) => damage, paint: (cell) => paint('red', cell) },
      { title: 'ENTRY', value: ({ from, to }) => (from === to ? from : `${from} to ${to}`) },
      { title: 'DETAIL', value: ({ detail }) => detail },
    ],
    faults.slice(0, SHOWN),
    (text) => paint('bold', text),
  );
  const more = faults.length > SHOWN ? `… and ${faults.length - SHOWN} more.\n` : '';
  return `${rows}${more}\n${paint('red', 'Broken')}: ${faults.length} damages among ${of}.\n${seal}`;
};

/** `audit verify`: exit code 1 where anything is not as it was. */
export const verifyAudit: LonelyVerb<CommonOptions & { readonly file?: string; readonly key?: string }> = async (
  io,
  _args,
  options,
) => {
  const { checkChain } = await import('../../lambdas/domain/chain-check.ts');
  const read =
    options.file === undefined ? await fromPlane(openSession(io, options).client) : await fromFile(options.file);
  const source = options.key === undefined ? read : { ...read, keys: keysIn(options.key) };
  const { entries, ...check } = source;
  const verdict = await checkChain(entries, check);
  const { project } = source;
  const printer = { io, format: options.output ?? 'table' };
  await printValue(printer, { project, ...verdict }, () => page(source, verdict, paintFor(io.stdout, io.env)));
  if (options.key === undefined && source.keys.length > 0) {
    io.stderr.write('The key is the one told with the log; keep a copy elsewhere (novacron audit key) for --key.\n');
  }
  return verdict.faults.length === 0 ? EXIT.ok : EXIT.failed;
};
