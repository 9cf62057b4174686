import type { Alert } from '../domain/alerts/alert.ts';
import { labelOf } from '../domain/alerts/labels.ts';
import { VmId } from '../domain/ids.ts';
import type { Vm } from '../domain/vm.ts';
import * as names from '../store/names.ts';
import * as vms from '../store/vms.ts';

type Labelled = Pick<Alert, 'labels'>;

/** What an alert calls the VM that it is about: its id or its name; empty where it is about none. */
const wordOf = ({ labels }: Labelled): string => labelOf(labels, 'vm_id') || labelOf(labels, 'vm');

const isId = (word: string): boolean => VmId.safeParse(word).success;

/** Whether an alert says that it is about a VM. */
export const isAboutVm = (alert: Labelled): boolean => wordOf(alert) !== '';

/**
 * The VMs of a project that alerts are about, whoever sent these: asked by an alert, it tells the VM. Where the VM is says its
 * row, and no label of theirs.
 */
export const vmsMeant = async (
  project: string,
  alerts: readonly Labelled[],
): Promise<(alert: Labelled) => Vm | undefined> => {
  const words = [...new Set(alerts.map(wordOf))].filter((word) => word !== '');
  const byName = await names.holdersOf(
    'vm',
    project,
    words.filter((word) => !isId(word)),
  );
  const own = await vms.ownOf(project, [...words.filter(isId), ...byName.values()]);
  const byId = new Map(own.map((vm) => [vm.id, vm]));
  return (alert) => {
    const word = wordOf(alert);
    return byId.get(byName.get(word) ?? word);
  };
};
