import { projectOf } from '../project.ts';
import { type Finding, found } from './kinds.ts';
import { isLive, isPastGrace, type Known, type RowFault } from './world.ts';

/** What looks like a secret, and how it is called; never what it reads. */
const SECRETS: readonly (readonly [string, RegExp])[] = [
  ['a token of ours', /\bnc_[A-Za-z0-9_-]{43}\b/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
  ['a webhook of Slack', /hooks\.slack\.com\/services\/[A-Z0-9]+\/[A-Z0-9]+\/[A-Za-z0-9]+/],
  ['a token of GitHub', /\bgh[pousr]_[A-Za-z0-9]{36,}\b/],
  ['a presigned URL', /[?&]X-Amz-Signature=[0-9a-f]{64}/],
];

/** Kinds of secret that a row's text carries. The token of an open wait is Step Functions' own, and is meant to be there. */
export const secretsIn = (row: Readonly<Record<string, unknown>>): string[] => {
  const text = JSON.stringify(row, (key, value: unknown) => (key === 'wait' ? undefined : value));
  return SECRETS.filter(([, shape]) => shape.test(text)).map(([name]) => name);
};

const told = (kind: 'RowMisplaced' | 'SecretInRow', rows: readonly RowFault[]): Finding[] =>
  rows.map(({ subject, detail }) => found(kind, { subject, detail }));

const projects = ({ projects: there, vms, operations, vm }: Known): Finding[] => [
  ...[...vms, ...operations]
    .filter((row) => !there.has(projectOf(row)))
    .map((row) => found('ProjectUnknown', { subject: row.id, detail: `Its project ${projectOf(row)} is not there.` })),
  ...operations.flatMap((operation) => {
    const its = vm.get(operation.vmId ?? '');
    if (its === undefined || projectOf(its) === projectOf(operation)) return [];
    const detail = `It is of project ${projectOf(operation)}, its VM of ${projectOf(its)}.`;
    return [found('ProjectDiffers', { subject: operation.id, detail })];
  }),
];

/**
 * What EC2 or a host told alive again after its project was deleted: a project is not deleted before its VMs are. One that is
 * lost is given up by the job that erases.
 */
const ofDeleted = (world: Known): Finding[] =>
  world.vms
    .filter((vm) => world.deleted.has(projectOf(vm)) && isLive(vm) && vm.state !== 'lost')
    .filter((vm) => isPastGrace(world, vm.changedAt))
    .map((vm) =>
      found('ProjectDeleted', {
        subject: vm.id,
        place: vm.location.hostId ?? vm.location.region,
        detail: `${vm.name} (${vm.providerId ?? 'not made yet'}) is ${vm.state}, and its project ${projectOf(vm)} is deleted.`,
        since: vm.changedAt,
      }),
    );

/** I9 and I10: a row is its own project's, lies where its kind lies, and carries no secret. */
export const ownRows = (world: Known): Finding[] => [
  ...projects(world),
  ...ofDeleted(world),
  ...told('RowMisplaced', world.misplaced),
  ...told('SecretInRow', world.leaks),
];
