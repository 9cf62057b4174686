/** Troubles that a host sees its guests in, as reasons why they are not ready: words of their own, for those who know no alerts. */
export const CRASHED = 'Crashed';
export const PAUSED_ON_IO_ERROR = 'PausedOnIoError';

/** A trouble by its word, and what brought it about where its host can tell (`enospc on /pool/a.qcow2`). */
export interface Trouble {
  readonly reason: string;
  readonly cause?: string;
}

/** The state of a VM that does not run, and the trouble that it is in, if any. */
interface Down {
  readonly state: string;
  readonly reason?: string | undefined;
  readonly cause?: string | undefined;
}

/** Why a VM in this state is not ready. */
export const notRunning = ({ state, reason, cause }: Down, at: string) => ({
  status: 'false' as const,
  reason: reason ?? 'NotRunning',
  message: `The VM is ${state}${reason ? `: ${reason}` : ''}${cause ? ` (${cause})` : ''}.`,
  at,
});
