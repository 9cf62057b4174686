import { activateHost } from './activate-host.ts';
import { cancelOperation } from './cancel-operation.ts';
import { createVm } from './create-vm.ts';
import { deactivateHost } from './deactivate-host.ts';
import { deleteImage } from './delete-image.ts';
import { deleteVm } from './delete-vm.ts';
import { patchVm } from './patch-vm.ts';
import { rebootVm } from './reboot-vm.ts';
import { registerImage } from './register-image.ts';
import { resetVm } from './reset-vm.ts';
import type { Route } from './route.ts';
import { startVm } from './start-vm.ts';
import { stopVm } from './stop-vm.ts';
import { undeleteVm } from './undelete-vm.ts';
import { unlockCollection } from './unlock-collection.ts';

/** Admits changes: writes the intent, and leaves the doing to workflows. */
export const WRITE: readonly Route[] = [
  createVm,
  patchVm,
  deleteVm,
  startVm,
  stopVm,
  rebootVm,
  resetVm,
  undeleteVm,
  cancelOperation,
  activateHost,
  deactivateHost,
  registerImage,
  deleteImage,
  unlockCollection,
];
