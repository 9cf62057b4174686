import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { operationIdOf } from '../../lambdas/domain/ids.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import {
  type Answer,
  type Ask,
  type CreateContext,
  isGone,
  type Provider,
  type StopOptions,
} from '../../lambdas/providers/provider.ts';

/** A place to run VMs in, set up for the suite. */
export interface Harness {
  readonly provider: Provider;
  /** A row as the API writes it before a create, with an id and a name of its own each time. */
  readonly newVm: (changes?: Partial<Vm>) => Vm;
  readonly context: CreateContext;
  /** Waits, as the plane does by events and looks, until a pending answer came true. @throws the Fault it came to */
  readonly finish: (vm: Vm, answer: Answer, wanted: Vm['state']) => Promise<Partial<Observed>>;
  /** The truth, asked of the place itself. */
  readonly observe: (vm: Vm) => Promise<Observed | undefined>;
  /** How many machines of any state stand for this VM, by the place itself; one on its way out does not count. */
  readonly count: (vm: Vm) => Promise<number>;
  /** Cuts the reply of the next create after it took effect; absent where the place offers no such knife. */
  readonly cutNextCreate?: () => void;
  /** What the row of a VM has that may be hibernated; absent where none can. */
  readonly hibernating?: () => Partial<Vm>;
  readonly close?: () => Promise<void>;
}

const GRACEFUL: StopOptions = { mode: 'stop', force: false, graceSeconds: 30, skipOsShutdown: false };
const FORCED: StopOptions = { mode: 'stop', force: true, graceSeconds: 0, skipOsShutdown: true };

let operations = 0;

/** A first call of a new operation, which must begin within ten minutes. */
const newAsk = (changes: Partial<Ask> = {}): Ask => {
  operations += 1;
  return {
    operationId: operationIdOf({ id: 'contract' }, `${process.pid}-${Date.now()}-${operations}`),
    attempt: 1,
    notAfter: new Date(Date.now() + 600_000).toISOString(),
    ...changes,
  };
};

const again = (ask: Ask): Ask => ({ ...ask, attempt: ask.attempt + 1 });

/** What a call came to; everything but a Fault fails the test there and then. */
const faultOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  try {
    await call;
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return error instanceof Fault ? error.name : undefined;
  }
};

/** What every provider must hold, run against a place that `open` sets up once. */
export const contractOf = (name: string, open: () => Promise<Harness> | Harness): void => {
  describe(`the provider contract: ${name}`, () => {
    let place: Harness;

    beforeAll(async () => {
      place = await open();
    });
    afterAll(async () => {
      await place?.close?.();
    });

    const asRow = (vm: Vm, observed: Partial<Observed>): Vm => ({
      ...vm,
      state: observed.state ?? vm.state,
      location: { ...vm.location, ...observed.location },
      ...(observed.providerId === undefined ? {} : { providerId: observed.providerId }),
    });

    const finished = async (vm: Vm, answer: Answer, wanted: Vm['state']): Promise<Vm> => {
      const known = asRow(vm, answer.observed ?? {});
      const observed = answer.status === 'done' ? (answer.observed ?? {}) : await place.finish(known, answer, wanted);
      return asRow(known, observed);
    };

    const create = async (vm: Vm, ask: Ask): Promise<Vm> =>
      finished(vm, await place.provider.create(vm, place.context, ask), 'running');

    const running = async (changes: Partial<Vm> = {}): Promise<{ vm: Vm; ask: Ask }> => {
      const ask = newAsk();
      return { vm: await create(place.newVm(changes), ask), ask };
    };

    const stop = async (vm: Vm): Promise<Vm> =>
      finished(vm, await place.provider.stop(vm, FORCED, newAsk()), 'stopped');

    const remove = async (vm: Vm): Promise<void> => {
      await finished(vm, await place.provider.remove(vm, { purge: true }, newAsk()), 'deleted');
    };

    const stateOf = async (vm: Vm) => (await place.observe(vm))?.state;

    it('creates a VM that runs, carries its marks and is found again', async () => {
      const { vm, ask } = await running();
      const observed = await place.observe(vm);
      expect(observed).toMatchObject({ state: 'running', providerId: vm.providerId });
      expect(observed?.vmId ?? vm.id).toBe(vm.id);
      expect(observed?.operationId ?? ask.operationId).toBe(ask.operationId);
      expect(await place.count(vm)).toBe(1);
      await remove(vm);
    });

    it('makes one VM of one operation that is asked for twice', async () => {
      const { vm, ask } = await running();
      const second = await create(vm, again(ask));
      expect(second.providerId).toBe(vm.providerId);
      expect(await place.count(vm)).toBe(1);
      await remove(vm);
    });

    it('makes one VM though the first reply is lost', async ({ skip }) => {
      if (place.cutNextCreate === undefined) return skip('nothing can cut a reply here');
      const fresh = place.newVm();
      const ask = newAsk();
      place.cutNextCreate();
      const name = await faultOf(create(fresh, ask));
      expect([undefined, 'ProviderUnreachable', 'HostUnreachable', 'CommandGarbled']).toContain(name);
      const vm = await create(fresh, again(ask));
      expect(await place.count(vm)).toBe(1);
      await remove(vm);
    });

    it('makes two VMs of two operations', async () => {
      const [one, two] = [await running(), await running()];
      expect(one.vm.providerId).not.toBe(two.vm.providerId);
      await remove(one.vm);
      expect(await stateOf(two.vm)).toBe('running');
      await remove(two.vm);
    });

    it('stops, stops again, starts and starts again', async () => {
      const { vm } = await running();
      expect((await stop(vm)).state).toBe('stopped');
      expect(await stateOf(vm)).toBe('stopped');
      await stop(vm);
      const gracefully = await place.provider.stop(vm, GRACEFUL, newAsk());
      await finished(vm, gracefully, 'stopped');
      expect(await stateOf(vm)).toBe('stopped');
      for (const _ of ['first', 'again']) {
        await finished(vm, await place.provider.start(vm, newAsk()), 'running');
        expect(await stateOf(vm)).toBe('running');
      }
      expect(await place.count(vm)).toBe(1);
      await remove(vm);
    });

    it.each(['save', 'hibernate'] as const)('stops by the mode %s where it can, keeping the memory', async (mode) => {
      const { vm } = await running(place.hibernating?.() ?? {});
      const options: StopOptions = { mode, force: false, graceSeconds: 120, skipOsShutdown: false };
      const off = mode === 'save' ? 'saved' : 'stopped';
      const keep = async () => finished(vm, await place.provider.stop(vm, options, newAsk()), off);
      if (place.provider.capabilities.has(mode)) {
        for (const _ of ['once', 'and once more is the same']) {
          expect((await keep()).state).toBe(off);
          expect(await stateOf(vm)).toBe(off);
        }
        await finished(vm, await place.provider.start(vm, newAsk()), 'running');
        await keep();
      } else expect(await faultOf(keep())).toBe('CapabilityMissing');
      expect(await place.count(vm)).toBe(1);
      await stop(vm);
      expect(await stateOf(vm)).toBe('stopped');
      await remove(vm);
    });

    it('reboots a running VM, which stays the same one', async () => {
      const { vm } = await running();
      await finished(vm, await place.provider.reboot(vm, newAsk()), 'running');
      expect(await stateOf(vm)).toBe('running');
      expect((await place.observe(vm))?.providerId).toBe(vm.providerId);
      await remove(vm);
    });

    it('resets where it can, and says that it cannot where it cannot', async () => {
      const { vm } = await running();
      const reset = place.provider.reset(vm, newAsk());
      if (place.provider.capabilities.has('reset')) await finished(vm, await reset, 'running');
      else expect(await faultOf(reset)).toBe('CapabilityMissing');
      expect(await stateOf(vm)).toBe('running');
      await remove(vm);
    });

    it('removes a VM, and removing it again succeeds', async () => {
      const { vm } = await running();
      await remove(vm);
      await expect.poll(async () => isGone(await place.observe(vm)), { timeout: 30_000 }).toBe(true);
      expect(await place.count(vm)).toBe(0);
      await remove(vm);
    });

    it('brings a removed VM back where it can, stopped', async () => {
      const { vm } = await running();
      await finished(vm, await place.provider.remove(vm, { purge: false }, newAsk()), 'deleted');
      const undelete = place.provider.undelete(vm, newAsk());
      if (place.provider.capabilities.has('undelete')) {
        await finished(vm, await undelete, 'stopped');
        expect(await stateOf(vm)).toBe('stopped');
      } else expect(await faultOf(undelete)).toBe('CapabilityMissing');
      await remove(vm);
      expect(await place.count(vm)).toBe(0);
    });

    it('undoes a create so that nothing is left, and no late command brings it back', async () => {
      const { vm, ask } = await running();
      const undo = again(ask);
      await finished(vm, await place.provider.undoCreate(vm, undo), 'deleted');
      await expect.poll(async () => place.count(vm), { timeout: 30_000 }).toBe(0);
      expect(await faultOf(create(vm, again(undo)))).toBe('CommandFenced');
      expect(await place.count(vm)).toBe(0);
    });

    it('undoes a create that never happened, twice', async () => {
      const vm = place.newVm();
      const ask = newAsk({ attempt: 2 });
      for (const undo of [ask, again(ask)]) {
        await finished(vm, await place.provider.undoCreate(vm, undo), 'deleted');
      }
      expect(await place.count(vm)).toBe(0);
    });

    it('does not begin a create after its time', async () => {
      const vm = place.newVm();
      const late = newAsk({ notAfter: new Date(Date.now() - 60_000).toISOString() });
      expect(await faultOf(create(vm, late))).toBe('CommandTooLate');
      expect(await place.count(vm)).toBe(0);
    });

    it('knows no VM that was never made', async () => {
      expect(isGone(await place.observe(place.newVm()))).toBe(true);
    });

    it.each(['start', 'stop', 'reboot'] as const)('answers VmLost when asked to %s a VM that is gone', async (verb) => {
      const { vm } = await running();
      await remove(vm);
      await expect.poll(async () => isGone(await place.observe(vm)), { timeout: 30_000 }).toBe(true);
      const call = async () =>
        finished(
          vm,
          verb === 'stop' ? await place.provider.stop(vm, FORCED, newAsk()) : await place.provider[verb](vm, newAsk()),
          verb === 'stop' ? 'stopped' : 'running',
        );
      expect(await faultOf(call())).toBe('VmLost');
    });

    it('keeps at most the bytes asked for of the console', async () => {
      const { vm } = await running();
      if (place.provider.capabilities.has('console-log')) {
        const text = await place.provider.consoleLog(vm, { bytes: 64 });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64);
      }
      await remove(vm);
    });
  });
};
