import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** What must not stand in a log, whoever hands it over: the names of keys whose values are hidden. */
const SECRET = /^(authorization|token|taskToken|activationCode|password|secret|userData|clientSecret|value)$/i;

const redact = (key: string, value: unknown): unknown => (SECRET.test(key) && value !== '' ? '[hidden]' : value);

/** One JSON line an event; service, level and correlation ids by Powertools, secrets hidden by key. Bodies are never logged. */
export const logger = new Logger({ jsonReplacerFn: redact });

/** EMF metrics in namespace NovaCron; the service is the only default dimension. */
export const metrics = new Metrics();
