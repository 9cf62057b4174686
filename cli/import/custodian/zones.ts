/** The short names that Cloud Custodian's offhours filter takes for time zones; some are not what one would think. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'America/Los_Angeles': ['pt', 'pst', 'pdt'],
  'America/Phoenix': ['at', 'ast'],
  'America/New_York': ['et', 'est', 'edt'],
  'America/Chicago': ['ct', 'cst', 'cdt'],
  'America/Denver': ['mt', 'mst', 'mdt'],
  'Etc/GMT': ['gt', 'gmt'],
  'Etc/UTC': ['utc'],
  'Europe/London': ['bst'],
  'Europe/Dublin': ['ist'],
  'Europe/Berlin': ['cet'],
  'Asia/Kolkata': ['it'],
  'Asia/Tokyo': ['jst'],
  'Asia/Seoul': ['kst'],
  'Asia/Singapore': ['sgt'],
  'Australia/Sydney': ['aet'],
  'America/Sao_Paulo': ['brt'],
  'Pacific/Auckland': ['nzst'],
};

/** The zone that a tag names, by an alias or by IANA's name in any case; nothing where there is none. */
export const zoneOf = (name: string): string | undefined => {
  const lower = name.toLowerCase();
  const alias = Object.entries(ALIASES).find(([, names]) => names.includes(lower))?.[0];
  if (alias !== undefined) return alias;
  const known = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === lower);
  if (known !== undefined || !/^[a-z]/.test(lower)) return known;
  try {
    // Older names of a zone are not listed, and known all the same.
    return new Intl.DateTimeFormat('en', { timeZone: lower }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};
