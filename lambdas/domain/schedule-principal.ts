const PREFIX = 'schedule:';

/** By whom operations of a schedule are asked for. */
export const schedulePrincipal = (id: string): string => `${PREFIX}${id}`;

export const isOfSchedule = (principal: string): boolean => principal.startsWith(PREFIX);

/** The schedule's id. */
export const scheduleOf = (principal: string): string => principal.slice(PREFIX.length);
