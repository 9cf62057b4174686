import type { Host, Operation, Plan, Vm } from './api.ts';
import { type Paint, styleOf } from './paint.ts';
import { stepLines, titleOf } from './progress.ts';
import { sheet, table } from './table.ts';
import { clock, span } from './times.ts';
import { dollars, memory, placeOf, readyOf, stateOf, tagsOf } from './words.ts';

/** How one thing is laid out for reading. */

const lines = (texts: readonly string[]): string | undefined => (texts.length === 0 ? undefined : texts.join('\n'));

export const vmPage = (vm: Vm, paint: Paint): string => {
  const { disks, nics, lock, ready } = vm;
  return sheet(
    [
      ['Name', vm.name],
      ['Id', vm.id],
      ['Project', vm.project],
      ['State', paint(styleOf(vm.state), stateOf(vm))],
      ['Ready', readyOf(vm) && `${readyOf(vm)}${ready.message === '' ? '' : `: ${ready.message}`}`],
      ['Provider', `${vm.provider}${vm.providerId === undefined ? '' : `, ${vm.providerId}`}`],
      ['Location', placeOf(vm)],
      ['Managed', vm.managed ? 'yes' : 'no: shown, never touched'],
      ['Image', vm.image],
      [
        'Size',
        `${[vm.size, vm.instanceType].filter((word) => word !== undefined).join(', ') || 'custom'} (${vm.vcpus} vCPU, ${memory(vm.memoryMiB)})`,
      ],
      ['Addresses', vm.addresses.join(', ')],
      [
        'Disks',
        lines(
          disks.map(
            ({ name, sizeGiB, boot, providerId }) =>
              `${name}  ${sizeGiB} GiB${boot ? ', boot' : ''}${providerId ? `, ${providerId}` : ''}`,
          ),
        ),
      ],
      [
        'Networks',
        lines(
          nics.map(({ network, mac, addresses }) =>
            [network, mac, ...addresses].filter((word) => word !== undefined).join('  '),
          ),
        ),
      ],
      ['Tags', tagsOf(vm.tags)],
      ['Protected', vm.deletionProtection ? 'yes: it cannot be deleted' : undefined],
      ['Held by', lock && `${lock.operationId} (${lock.reason}), since ${clock(lock.since)}`],
      ['Kept until', vm.retainedUntil && `${clock(vm.retainedUntil)}: novacron vm undelete ${vm.name}`],
      ['Created', clock(vm.createdAt)],
      ['Changed', clock(vm.changedAt)],
      ['Allowed now', vm.actions.join(', ') || 'nothing'],
    ],
    (text) => paint('bold', text),
  );
};

export const operationPage = (operation: Operation, paint: Paint, now: string): string => {
  const { id, project, state, by, createdAt, startedAt, endedAt, error, vmId, hostId } = operation;
  const ended = endedAt === undefined ? undefined : `${clock(endedAt)} (after ${span(createdAt, endedAt)})`;
  return sheet(
    [
      ['Operation', `${titleOf(operation)} (${id})`],
      ['State', paint(styleOf(state), state)],
      ['Error', error && `${error.name}: ${error.detail}`],
      ['Steps', lines(stepLines(operation, paint, now))],
      ['Project', project],
      ['VM', vmId],
      ['Host', hostId],
      ['Asked by', by],
      ['Asked', clock(createdAt)],
      ['Started', startedAt && clock(startedAt)],
      ['Ended', ended],
    ],
    (text) => paint('bold', text),
  );
};

export const hostPage = (host: Host, paint: Paint): string => {
  const { facts, allocated } = host;
  const checks = facts?.checks.map(({ name, ok, detail, fix }) => {
    const line = `${paint(ok ? 'green' : 'red', ok ? '✔' : '✖')} ${name}  ${detail}`;
    return ok || fix === undefined ? line : `${line}\n  fix: ${fix}`;
  });
  return sheet(
    [
      ['Name', host.name],
      ['Id', host.id],
      ['State', paint(styleOf(host.state), host.state) + (host.reason === undefined ? '' : `: ${host.reason}`)],
      ['Active', host.active ? 'yes' : 'no: nothing new is placed here'],
      ['Node', host.nodeId],
      ['CPU', facts && `${facts.cores} × ${facts.cpuModel}`],
      ['Accel', facts && `${facts.accel}${facts.accelReason === undefined ? '' : ` (${facts.accelReason})`}`],
      ['Memory', facts && memory(facts.memoryMiB)],
      [
        'Pool',
        facts && `${facts.pool.path}, ${Math.floor(facts.pool.freeGiB)} of ${Math.floor(facts.pool.sizeGiB)} GiB free`,
      ],
      ['Networks', facts?.networks.join(', ')],
      [
        'Versions',
        facts &&
          `libvirt ${facts.libvirtVersion}, QEMU ${facts.qemuVersion}, kernel ${facts.kernel}, unit ${facts.unitVersion}`,
      ],
      ['Upgrade', host.upgrade && `unit ${host.upgrade.version} was sent ${clock(host.upgrade.at)}`],
      ['Placed here', `${allocated.vcpus} vCPU, ${memory(allocated.memoryMiB)}, ${allocated.diskGiB} GiB disk`],
      ['Tags', tagsOf(host.tags)],
      ['Last beat', host.beatAt && clock(host.beatAt)],
      ['Checks', lines(checks ?? [])],
    ],
    (text) => paint('bold', text),
  );
};

/** What would be done, where, and what it costs. */
export const planPage = (title: string, plan: Plan, paint: Paint): string => {
  const { price, refusedHosts = [] } = plan;
  const bold = (text: string) => paint('bold', text);
  const place = placeOf({ location: plan.location ?? {} }) ?? plan.hostId;
  const monthly = price && `${dollars(price.hourlyUsd, 4)} an hour, ${dollars(price.monthlyUsd, 2)} a month`;
  const page = sheet(
    [
      ['Plan', title],
      ['Steps', plan.steps.join(' → ')],
      ['Location', place],
      ['Type', plan.instanceType],
      [
        'Price',
        price && (price.hourlyUsd === null ? `unknown: ${price.source}` : `${monthly}\n${price.source}, ${price.asOf}`),
      ],
    ],
    bold,
  );
  if (refusedHosts.length === 0) return page;
  const refused = table(
    [
      { title: 'NOT ON', value: ({ host }) => host },
      { title: 'BECAUSE OF', value: ({ filter }) => filter },
      { title: 'DETAIL', value: ({ detail }) => detail },
    ],
    refusedHosts,
    bold,
  );
  return `${page}\n${refused}`;
};
