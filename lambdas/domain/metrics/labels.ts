import type { LabelSet } from '../alerts/labels.ts';
import type { Host } from '../host.ts';
import { DEFAULT_PROJECT } from '../ids.ts';
import { projectOf } from '../project.ts';
import type { Vm } from '../vm.ts';
import type { SubjectKind } from './catalog.ts';

/** What a series is about, and what it is known by to rules and to Prometheus. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly project: string;
  readonly labels: LabelSet;
}

/** What tells subjects from each other, beside `tag_<key>`. */
export const SUBJECT_LABELS = [
  'vm',
  'vm_id',
  'host',
  'host_id',
  'project',
  'provider',
  'account',
  'region',
  'zone',
] as const;

/** A tag's key as a label, as Prometheus' own discoveries make one: what is no letter, digit or underscore becomes `_`. */
const tagLabel = (key: string): string => `tag_${key.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;

/** Tags as labels. */
export const tagLabels = (tags: Readonly<Record<string, string>>): LabelSet =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [tagLabel(key), value]));

const known = (labels: Readonly<Record<string, string | undefined>>): LabelSet =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );

/** A VM's labels. `vm` is its name, as people and alerts call it; a name may pass on to another VM, an id does not. */
export const vmSubject = (vm: Pick<Vm, 'id' | 'name' | 'provider' | 'location' | 'tags' | 'project'>): Subject => {
  const { id, name, provider, location } = vm;
  const { account, region, zone, hostName } = location;
  const own = { vm: name, vm_id: id, project: projectOf(vm), provider, account, region, zone, host: hostName };
  return { kind: 'vm', id, project: projectOf(vm), labels: { ...tagLabels(vm.tags), ...known(own) } };
};

/** A host's labels; hosts are the installation's own. */
export const hostSubject = ({ id, name, tags }: Pick<Host, 'id' | 'name' | 'tags'>): Subject => ({
  kind: 'host',
  id,
  project: DEFAULT_PROJECT,
  labels: { ...tagLabels(tags), host: name, host_id: id, provider: 'kvm' },
});
