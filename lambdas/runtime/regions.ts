import { csv, env, text } from './env.ts';

const settings = env({ AWS_REGION: text, REGIONS: csv });

/** The plane's own Region and the further ones that are enabled. */
export const REGIONS: readonly string[] = [...new Set([settings.AWS_REGION, ...settings.REGIONS])];
