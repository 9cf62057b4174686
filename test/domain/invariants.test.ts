import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { confirmed, findingsOf } from '../../lambdas/domain/invariants/findings.ts';
import { type FindingKind, KINDS, keyOf } from '../../lambdas/domain/invariants/kinds.ts';
import { secretsIn } from '../../lambdas/domain/invariants/own-rows.ts';
import { lockBy, PLANTS, plus, vm, without } from '../support/plants.ts';
import { anOperation, NOW, serial, soundWorld } from '../support/world.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');

const EACH = 50;
/** VMs that nothing is planted on; what is planted has higher numbers. */
const SOUND = 100;

/** One world has one table; the collector's own finding is its test's. */
const ONCE: ReadonlySet<FindingKind> = new Set(['TableRestored', 'TooManyLeftovers']);

const kinds = Object.keys(KINDS) as FindingKind[]; // the keys of a literal

describe('the invariants', () => {
  it('find nothing in a sound world', () => {
    expect(findingsOf(soundWorld(SOUND))).toEqual([]);
  });

  it.each(kinds.filter((kind) => !ONCE.has(kind)))(`find ${EACH} of ${EACH} planted: %s`, (kind) => {
    let world = soundWorld(SOUND);
    for (let i = 0; i < EACH; i += 1) world = PLANTS[kind](world, i);
    const found = findingsOf(world).filter((finding) => finding.kind === kind);
    expect(new Set(found.map(keyOf)).size).toBe(EACH);
    for (const finding of found) expect(finding.detail.length).toBeGreaterThan(10);
  });

  it('find a table that is not the one a person approved of', () => {
    expect(findingsOf(PLANTS.TableRestored(soundWorld(2), 0))).toMatchObject([
      { kind: 'TableRestored', subject: 'table-2' },
    ]);
  });

  it('leave to an open operation what it holds, whatever is missing or left of it', () => {
    const open = anOperation(20_000, { kind: 'delete-vm', vmId: serial('vm', 0), state: 'running', createdAt: NOW });
    const { endedAt: _, ...under } = open;
    let world = plus(plus(soundWorld(4), 'operations', under), 'opens', under.id);
    world = vm(without(world, 'machines', 0), 0, { ...lockBy(under.id), state: 'deleting', version: 3 });
    expect(findingsOf(world)).toEqual([]);
  });

  it('give what has just changed its time, but not for ever', () => {
    const world = vm(soundWorld(4), 0, { state: 'stopped', changedAt: NOW });
    expect(findingsOf(world)).toEqual([]);
    expect(findingsOf({ ...world, at: '2026-11-25T12:14:59.999Z' })).toEqual([]);
    expect(findingsOf({ ...world, at: '2026-11-25T12:15:00.000Z' })).toMatchObject([{ kind: 'StateDiffers' }]);
  });

  it('do not miss what was not looked at: a silent host, a Region that is not enabled', () => {
    const world = { ...soundWorld(20), machines: [], looked: new Set<string>() };
    expect(findingsOf(world)).toEqual([]);
  });
});

describe('the record of an operation', () => {
  const [before, after] = ['2026-11-25T09:00:00.000Z', '2026-11-25T10:01:00.000Z'];
  const step = { name: 'Launch', state: 'succeeded', startedAt: after, endedAt: after } as const;
  const { endedAt: _, ...endless } = anOperation(0);

  it.each([
    ['has no end', endless, 'no end'],
    ['ended before it was accepted', anOperation(0, { endedAt: before }), 'before it was accepted'],
    [
      'still waits',
      anOperation(0, { wait: { step: 'Launch', token: 't', attempt: 1, since: after } }),
      'still waits for Launch',
    ],
    ['has a step that runs', anOperation(0, { steps: [{ ...step, state: 'running' }] }), 'Launch is running'],
    ['has a step that went back', anOperation(0, { steps: [{ ...step, endedAt: before }] }), 'before it began'],
    ['has succeeded by an error', anOperation(0, { error: { name: 'DiskFull', detail: 'x' } }), 'with an error'],
    ['has failed by none', anOperation(0, { state: 'failed' }), 'without an error'],
  ])('cannot be where it %s', (_, operation, told) => {
    const sound = soundWorld(4);
    const operations = sound.operations.map((each) => (each.id === operation.id ? operation : each));
    const found = findingsOf({ ...sound, operations }).filter(({ kind }) => kind === 'HistoryBroken');
    expect(found.map(({ detail }) => detail).join()).toContain(told);
  });
});

it('two looks agree on what is so, and not on what was under way', () => {
  const [a, b] = [findingsOf(PLANTS.VmStuck(soundWorld(9), 1)), findingsOf(PLANTS.VmStuck(soundWorld(9), 2))];
  expect(confirmed(a, b)).toEqual([]);
  expect(confirmed([...a, ...b], b)).toEqual(b);
});

describe('what looks like a secret', () => {
  it.each([
    ['a token of ours', `nc_${'a'.repeat(43)}`],
    ['an AWS access key', 'AKIAIOSFODNN7EXAMPLE'.replaceAll('8', '7')],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
    ['a JSON web token', `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`],
    ['a webhook of Slack', ['https://hooks.slack.com', 'services', 'T0', 'B0', 'secret'].join('/')],
    ['a token of GitHub', `ghp_${'a'.repeat(36)}`],
    ['a presigned URL', `https://b.s3/x?X-Amz-Signature=${'0'.repeat(64)}`],
  ])('is found in a row: %s', (name, text) => {
    expect(secretsIn({ id: 'vm-1', input: { note: [`see ${text}.`] } })).toEqual([name]);
  });

  it('is not the token of an open wait, nor what is no secret', () => {
    expect(secretsIn({ wait: { token: `nc_${'a'.repeat(43)}` } })).toEqual([]);
    expect(secretsIn({ id: 'vm-0123456789abcdef', hash: 'a'.repeat(64), name: 'ghp_short' })).toEqual([]);
  });
});

it.each(kinds)('the runbook says what %s means and what to do', (kind) => {
  const line = RUNBOOK.split('\n').find((text) => text.startsWith(`| \`${kind}\` |`));
  const [invariant, suggestion] = KINDS[kind];
  expect(line?.split(' | ').length).toBe(4);
  expect(line).toContain(`| ${invariant} |`);
  expect(line?.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(suggestion);
});
