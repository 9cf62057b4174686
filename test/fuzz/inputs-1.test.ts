import { fuzzInputs } from './inputs.ts';

fuzzInputs('first');
