import { createGroup } from './create-group.ts';
import { deleteGroup } from './delete-group.ts';
import { getGroup } from './get-group.ts';
import { listGroups } from './list-groups.ts';
import { patchGroup } from './patch-group.ts';
import type { Route } from './route.ts';

/** All of groups: named VMs of a project. */
export const GROUPS: readonly Route[] = [listGroups, createGroup, getGroup, patchGroup, deleteGroup];
