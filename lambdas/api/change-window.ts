import { etagOf } from '../domain/asked.ts';
import { type MaintenanceWindow, windowView } from '../domain/maintenance-window.ts';
import * as windows from '../store/windows.ts';
import type { Call, Reply } from './route.ts';

/** 200 with the window as it is now. */
export const answered = async (window: MaintenanceWindow, { at }: Call): Promise<Reply> => ({
  status: 200,
  headers: { etag: etagOf(window) },
  body: windowView(await windows.timedOne(window), Date.parse(at)),
});
