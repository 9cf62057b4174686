/** Troubles that a host sees its guests in, as reasons why they are not ready: words of their own, for those who know no alerts. */
export const CRASHED = 'Crashed';
export const PAUSED_ON_IO_ERROR = 'PausedOnIoError';

/** Why a VM in this state is not ready. */
export const notRunning = (state: string, trouble: string | undefined, at: string) => ({
  status: 'false' as const,
  reason: trouble ?? 'NotRunning',
  message: `The VM is ${state}${trouble ? `: ${trouble}` : ''}.`,
  at,
});
