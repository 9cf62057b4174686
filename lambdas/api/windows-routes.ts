import { createWindow } from './create-window.ts';
import { deleteWindow } from './delete-window.ts';
import { getWindow } from './get-window.ts';
import { listWindows } from './list-windows.ts';
import { patchWindow } from './patch-window.ts';
import type { Route } from './route.ts';

/** All of windows: when VMs of a project may be disturbed. */
export const WINDOWS: readonly Route[] = [listWindows, createWindow, getWindow, patchWindow, deleteWindow];
