import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { matchesFilter, parseFilter } from '../../lambdas/domain/filter.ts';
import { groupsAbout, groupsIn, vmFieldsWith } from '../../lambdas/domain/group-members.ts';
import { holdersOf } from '../../lambdas/domain/schedule-cover.ts';
import { VM_FIELDS } from '../../lambdas/domain/vm-fields.ts';
import type { VmGroup } from '../../lambdas/domain/vm-group.ts';
import { newGroup, newSchedule, newVm } from '../support/api.ts';

const vmId = (number: number): string => `vm-${String(number).padStart(16, '0')}`;
const scheduleId = (number: number): string => `sch-${String(number).padStart(16, '0')}`;

const anyFleet = fc
  .array(fc.record({ app: fc.constantFrom('shop', 'news') }), { maxLength: 6 })
  .map((all) => all.map((tags, index) => newVm({ id: vmId(index), name: `vm-${index}`, tags })));
const anyGroup = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    vms: fc.uniqueArray(fc.nat(6).map(vmId), { maxLength: 4 }),
    filter: fc.constantFrom('tag:app=shop', 'tag:app!=shop', 'name=vm-1,vm-2'),
  },
  { requiredKeys: ['name', 'vms'] },
);
const someGroups = fc.uniqueArray(anyGroup, { selector: ({ name }) => name }).map((all) =>
  all.map(({ filter, ...rest }): VmGroup => {
    const { filter: _, ...bare } = newGroup(rest);
    return filter === undefined ? bare : { ...bare, filter };
  }),
);

describe('a group', () => {
  it('has the VMs that it names and those that its filter fits, and no other', () => {
    fc.assert(
      fc.property(anyFleet, someGroups, (fleet, groups) => {
        const fields = vmFieldsWith(groups);
        for (const { name, vms, filter } of groups)
          for (const vm of fleet) {
            const isFit = filter !== undefined && matchesFilter(parseFilter(filter, VM_FIELDS), VM_FIELDS, vm);
            const isIn = vms.includes(vm.id) || isFit;
            expect(matchesFilter(parseFilter(`group=${name}`, fields), fields, vm)).toBe(isIn);
            expect(matchesFilter(parseFilter(`group!=${name}`, fields), fields, vm)).toBe(!isIn);
          }
      }),
    );
  });

  it('is a term beside others, and one of several', () => {
    const fields = vmFieldsWith([
      newGroup({ name: 'a', vms: [vmId(1)], filter: 'name=none' }),
      newGroup({ name: 'b', vms: [vmId(2)], filter: 'name=none' }),
    ]);
    const fits = (filter: string) =>
      [1, 2, 3].filter((number) =>
        matchesFilter(parseFilter(filter, fields), fields, newVm({ id: vmId(number), tags: { n: String(number) } })),
      );
    expect(fits('group=a,b')).toEqual([1, 2]);
    expect(fits('group!=a,b')).toEqual([3]);
    expect(fits('group=a,b&tag:n=2')).toEqual([2]);
    expect(fits('group=a&group=b')).toEqual([]);
  });

  it('in a schedule covers whom its VMs and filter would cover there: one VM obeys one schedule, whatever the groups become', () => {
    fc.assert(
      fc.property(
        anyFleet,
        someGroups,
        someGroups,
        fc.integer({ min: -1, max: 1 }),
        (fleet, before, after, priority) => {
          for (const groups of [before, after]) {
            const named = groups.map(({ vms, filter }, index) =>
              newSchedule({
                id: scheduleId(index),
                priority: index === 1 ? priority : 0,
                targets: { vms: [vmId(99), ...vms], ...(filter === undefined ? {} : { filter }) },
              }),
            );
            const grouped = named.map((schedule, index) => ({
              ...schedule,
              targets: { filter: `group=${groups[index]?.name}` },
            }));
            const short = (all: ReturnType<typeof holdersOf>) =>
              all.map(({ vm, schedule, behind }) => [vm.id, schedule.id, behind.map(({ id }) => id)]);
            const holders = short(holdersOf(grouped, fleet, groups));
            expect(holders).toEqual(short(holdersOf(named, fleet, [])));
            expect(new Set(holders.map(([id]) => id)).size).toBe(holders.length);
          }
        },
      ),
    );
  });

  it('is made of no group: what it would go round in is no filter', () => {
    expect(() => vmFieldsWith([newGroup({ filter: 'group=shop' })])).toThrow(Fault);
  });
});

describe('the groups of a filter', () => {
  it.each([
    ['tag:app=shop', []],
    ['group=a', ['a']],
    ['group=a,b&group!=c&name~group', ['a', 'b', 'c']],
    ['gr%6Fup=a', ['a']],
    ['tag:group=a', []],
    ['group=', ['']],
  ])('of %s', (filter, names) => {
    expect(groupsIn(filter)).toEqual(names);
  });

  it('are named whole', () => {
    expect(() => groupsIn('group~a')).toThrow('whole names');
    expect(() => groupsIn('group!~a')).toThrow('whole names');
  });

  it('are those of all of a schedule, each once', () => {
    const order = [
      { name: 'db', filter: 'group=b' },
      { name: 'app', vms: [vmId(1)] },
      { name: 'web', filter: 'group=a' },
    ];
    expect(groupsAbout(newSchedule({ targets: { filter: 'group=a' }, order }))).toEqual(['a', 'b']);
    expect(groupsAbout(newSchedule({ targets: { vms: [vmId(1)] } }))).toEqual([]);
  });
});
