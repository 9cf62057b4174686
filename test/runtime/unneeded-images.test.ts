import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../lambdas/domain/report.ts';
import { applyReport } from '../../lambdas/runtime/apply-report.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as images from '../../lambdas/store/images.ts';
import * as table from '../../lambdas/store/table.ts';
import { insertHost, insertImage, newHost, newImage } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const NOW = '2026-11-25T12:00:00.000Z';
const KEPT = newImage().id;
const GONE = 'img-0000000000000002';
const VM = { id: 'vm-0000000000000001', name: 'web-1' };

let state: StateTable;
let seq = 0;
beforeEach(async () => {
  state = new StateTable();
  new Workflows();
  await insertHost(newHost({ identity: 'a'.repeat(64) }));
  await insertImage(newImage());
});

const facts = (held: string[]) => ({ facts: { freeGiB: 1, freeMemoryMiB: 1, images: held } });
const report = async (more: Partial<Report>) => {
  seq += 1;
  const speaker = await hosts.withBeat(newHost().id);
  return applyReport(speaker, { unitVersion: '1', seq, sentAt: NOW, events: [], ...more }, NOW);
};

describe('of the images in a host’s cache', () => {
  it.each<[string, string | undefined, string[]]>([
    ['one that is registered no more is to be dropped', undefined, [GONE]],
    ['one on which a VM stands stays', '', []],
    ['one on which a kept disk stands stays', '2026-11-26T12:00:00.000Z', []],
    ['one whose last kept disk’s time is over is to be dropped', '2026-11-25T11:00:00.000Z', [GONE]],
  ])('%s', async (_, until, dropped) => {
    leaves('CloneWithoutVm');
    if (until !== undefined) await table.save(images.cloning(GONE, VM, until || undefined));
    const answer = await report(facts([KEPT, GONE]));
    expect(answer.wanted?.dropImages ?? []).toEqual(dropped);
  });

  it('one that the list does not show yet is asked for by itself', async () => {
    state.mock.on(QueryCommand, { IndexName: 'gsi1' }).resolves({ Items: [] });
    expect(await report(facts([KEPT]))).not.toHaveProperty('wanted');
  });

  it('none is asked for where the host tells no facts, has none, or tells them again', async () => {
    await report({});
    await report(facts([]));
    const asked = state.mock.commandCalls(QueryCommand).filter(({ args: [{ input }] }) => input.IndexName === 'gsi1');
    expect(asked).toEqual([]);
    const speaker = await hosts.withBeat(newHost().id);
    const again = { unitVersion: '1', seq: speaker.beat?.version ?? 0, sentAt: NOW, events: [], ...facts([GONE]) };
    expect(await applyReport(speaker, again, NOW)).toEqual({ beatSeconds: 10 });
    expect(state.mock.commandCalls(GetCommand).some(({ args: [{ input }] }) => input.Key?.sk === 'image')).toBe(false);
  });
});
