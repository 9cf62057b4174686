import { onVm } from '../runtime/step.ts';
import * as hosts from '../store/hosts.ts';
import * as images from '../store/images.ts';

/** Launch: asks the provider for the VM; the same operation twice makes one. */
export const handler = onVm(async (vm, provider, { ask }) => {
  const { hostId } = vm.location;
  const imageId = vm.spec?.imageId;
  const host = hostId === undefined ? undefined : await hosts.get(hostId);
  const image = imageId === undefined ? undefined : await images.get(imageId);
  return provider.create(vm, { ...(host ? { host } : {}), ...(image ? { image } : {}) }, ask);
});
