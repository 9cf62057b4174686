import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { entriesIn } from '../../lambdas/store/audit.ts';
import { begin, beginEach } from '../../lambdas/store/begin.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertProject, insertVm, newVm } from '../support/api.ts';
import { asked } from '../support/asked.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
});

const rows = async (count: number, more: Partial<Vm> = {}): Promise<Vm[]> => {
  const made: Vm[] = [];
  for (let number = 1; number <= count; number += 1) {
    const id = `vm-${String(number).padStart(16, '0')}`;
    made.push(await insertVm(newVm({ id, name: `web-${number}`, state: 'running', ...more })));
  }
  return made;
};
const stopping = (vm: Vm, project = 'default') => {
  const one = asked();
  return { asked: { ...one, by: { ...one.by, project } }, change: { kind: 'stop-vm', vm, input: {} } as const };
};
const transactions = () => state.mock.commandCalls(TransactWriteCommand).length;
const named = ({ each: came }: Awaited<ReturnType<typeof beginEach>>) =>
  came.map((each) => (each instanceof Fault ? each.name : each.vmName));

describe('many beginnings', () => {
  it('are a transaction for each 49, with all that one alone writes', async () => {
    const all = await rows(60);
    const before = transactions();
    const came = await beginEach(all.map((vm) => stopping(vm)));
    expect(named(came)).toEqual(Array.from({ length: 60 }, (_, index) => `web-${index + 1}`));
    expect(transactions() - before).toBe(2);
    expect(state.of('operation')).toHaveLength(60);
    expect((await Array.fromAsync(opens.all())).map(({ id }) => id).toSorted()).toEqual(
      came.each.flatMap((each) => (each instanceof Fault ? [] : [each.id])).toSorted(),
    );
    expect(state.of('open-operation')).toHaveLength(2);
    expect(state.of('audit').flatMap(entriesIn)).toHaveLength(60);
    expect(state.of('vm').every(({ state: is, lock }) => is === 'stopping' && lock !== undefined)).toBe(true);
  });

  it('that are refused are told why, each, and keep no other from being begun', async () => {
    const [one, two, three, four, five] = (await rows(5)) as [Vm, Vm, Vm, Vm, Vm];
    // Locked as it was read; locked since; changed by a look since, which is no reason to refuse.
    await begin(asked(), { kind: 'stop-vm', vm: one, input: {} });
    await begin(asked(), { kind: 'stop-vm', vm: two, input: {} });
    await vms.swap(three, { ...three, addresses: ['192.0.2.9'] });
    const all = [await vms.get(one.id), two, three, four, five];
    const came = await beginEach(all.map((vm) => stopping(vm)));
    expect(named(came)).toEqual(['VmLocked', 'VmLocked', 'web-3', 'web-4', 'web-5']);
    expect(await vms.get(three.id)).toMatchObject({ state: 'stopping', addresses: ['192.0.2.9'] });
  });

  it('that come a second time are the first ones', async () => {
    const all = (await rows(3)).map((vm) => stopping(vm));
    const first = await beginEach(all);
    expect(await beginEach(all)).toEqual(first);
    expect(state.of('operation')).toHaveLength(3);
  });

  it('are counted one by one where their project has a limit a minute', async () => {
    await insertProject({ id: 'shop', maxOperationsPerMinute: 2 });
    const came = await beginEach((await rows(4, { project: 'shop' })).map((vm) => stopping(vm, 'shop')));
    expect(named(came).toSorted()).toEqual(['TooManyRequests', 'TooManyRequests', 'web-1', 'web-2']);
  });

  describe('with a row that says so', () => {
    const row = { id: 'sch-0000000000000001', version: 1 };
    const entity = { name: 'said', key: ({ id }: typeof row) => ({ pk: id, sk: 'said' }) };
    const said = table.putNew(entity, row);
    const isSaid = () => state.of('said').length > 0;

    it('are begun in one transaction with it', async () => {
      const all = await rows(49);
      const before = transactions();
      const came = await beginEach(
        all.slice(1).map((vm) => stopping(vm)),
        said,
      );
      expect([named(came).length, came.isLastWritten, isSaid(), transactions() - before]).toEqual([48, true, true, 1]);
    });

    it('are begun without it where one is refused, whether it was read so or came to it since', async () => {
      const [one, two, three] = (await rows(3)) as [Vm, Vm, Vm];
      await begin(asked(), { kind: 'stop-vm', vm: one, input: {} });
      for (const first of [one, await vms.get(one.id)]) {
        const came = await beginEach([stopping(first), stopping(first === one ? two : three)], said);
        expect(named(came)).toEqual(['VmLocked', first === one ? 'web-2' : 'web-3']);
        expect([came.isLastWritten, isSaid()]).toEqual([false, false]);
      }
    });

    it('are begun once where the answer is lost, and whoever asked writes it again', async () => {
      const all = await rows(2);
      state.afterTransaction = () => {
        state.afterTransaction = () => undefined;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      };
      const came = await beginEach(
        all.map((vm) => stopping(vm)),
        said,
      );
      expect([named(came), came.isLastWritten, isSaid()]).toEqual([['web-1', 'web-2'], false, true]);
      expect(state.of('operation')).toHaveLength(2);
      await table.save(said);
    });

    it('are not begun where it cannot be said', async () => {
      const all = await rows(2);
      await table.save(said);
      await expect(
        beginEach(
          all.map((vm) => stopping(vm)),
          said,
        ),
      ).rejects.toMatchObject({ name: 'WriteConflict' });
      expect(state.of('operation')).toEqual([]);
    });
  });
});
