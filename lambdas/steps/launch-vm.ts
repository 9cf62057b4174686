import { onVm } from '../runtime/step.ts';
import * as images from '../store/images.ts';

/** Launch: asks the provider for the VM; the same operation twice makes one. */
export const handler = onVm(async (vm, provider, { ask, host, ...scene }) => {
  const imageId = vm.spec?.imageId;
  // An execution that an earlier release began does not name its image.
  const image = scene.image ?? (imageId === undefined ? undefined : await images.get(imageId));
  return provider.create(vm, { ...(host ? { host } : {}), ...(image ? { image } : {}) }, ask);
});
