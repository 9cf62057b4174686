import { etagOf } from '../domain/asked.ts';
import { type VmGroup, vmGroupView } from '../domain/vm-group.ts';
import type { Reply } from './route.ts';

/** 200 with the group as it is now. */
export const answered = (group: VmGroup): Reply => ({
  status: 200,
  headers: { etag: etagOf(group) },
  body: vmGroupView(group),
});
