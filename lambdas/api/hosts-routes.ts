import { enrolHost } from './enrol-host.ts';
import { retireHost } from './retire-host.ts';
import type { Route } from './route.ts';

/** The two changes that need Systems Manager while the caller waits. */
export const HOSTS: readonly Route[] = [enrolHost, retireHost];
