import { openKvmPlace } from './kvm-place.ts';
import { contractOf } from './provider-contract.ts';

contractOf('KVM on real libvirt', openKvmPlace);
